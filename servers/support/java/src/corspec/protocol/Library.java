package corspec.protocol;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A library on the class path, as its jar is named. */
public final class Library {
    private static final Pattern JAR = Pattern.compile("(.+?)-(\\d.*)\\.jar");

    private Library() {}

    /** Its name and version. */
    public static String of(Class<?> member) {
        return artifact(member) + " " + version(member);
    }

    /** Its version, under a name that people use. */
    public static String of(String name, Class<?> member) {
        return name + " " + version(member);
    }

    private static String artifact(Class<?> member) {
        return jar(member).group(1);
    }

    private static String version(Class<?> member) {
        return jar(member).group(2);
    }

    private static Matcher jar(Class<?> member) {
        Path path = Path.of(member.getProtectionDomain().getCodeSource().getLocation().getPath());
        Matcher jar = JAR.matcher(path.getFileName().toString());
        if (!jar.matches()) {
            throw new IllegalStateException(path + " has no version in its name");
        }
        return jar;
    }
}
