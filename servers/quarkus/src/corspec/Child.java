package corspec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A process with one application. It ends with this one, however that ends: its stdin does. */
record Child(Process process, int port) {
    private static final List<String> COMMAND = List.of(
            System.getProperty("java.home") + "/bin/java",
            "@../support/java/options",
            "-Xmx64m",
            "-XX:SharedArchiveFile=target/child.jsa");

    static Child start(List<String> properties) throws IOException {
        List<String> command = new ArrayList<>(COMMAND);
        properties.forEach(property -> command.add("-D" + property));
        command.addAll(List.of("-jar", "target/server-runner.jar"));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        String port = process.inputReader().readLine();
        if (port == null) {
            throw new IOException("the application did not start");
        }
        return new Child(process, Integer.parseInt(port));
    }

    void end() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
