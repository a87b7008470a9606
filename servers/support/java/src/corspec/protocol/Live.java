package corspec.protocol;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** A policy that is live at a URL, until it is stopped. */
public record Live(String url, Stop stop) {
    /** On a port of the loopback address. Some servers take a moment to close it after they have been stopped. */
    public static Live at(int port, Stop stop) {
        return new Live("http://127.0.0.1:" + port, () -> {
            stop.run();
            for (int tries = 0; tries < 1000 && isOpen(port); tries++) {
                Thread.sleep(1);
            }
        });
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    /** Returns once nothing listens any more, kept connections included. */
    public interface Stop {
        void run() throws Exception;
    }
}
