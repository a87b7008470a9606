{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE RankNTypes #-}

-- | An application on a port of its own.
module Listen (listen) where

import Control.Concurrent
import Control.Exception (finally)
import Corspec (Listener (..))
import qualified Data.Set as Set
import qualified Data.Text as Text
import qualified Network.Socket as Socket
import Network.Wai (Application)
import Network.Wai.Handler.Warp

-- | Stopping ends the connections too, each of which is a thread.
listen :: Application -> IO Listener
listen application = do
    (port, socket) <- openFreePort
    connections <- newMVar Set.empty
    let tracked connection = do
            thread <- myThreadId
            modifyMVar_ connections (pure . Set.insert thread)
            connection `finally` modifyMVar_ connections (pure . Set.delete thread)
        fork :: ((forall a. IO a -> IO a) -> IO ()) -> IO ()
        fork connection = () <$ forkIOWithUnmask (\unmask -> tracked (connection unmask))
        settings = setOnException (\_ _ -> pure ()) (setFork fork defaultSettings)
    accepting <- forkIO (runSettingsSocket settings socket application)
    let close = do
            killThread accepting
            Socket.close socket
            readMVar connections >>= mapM_ killThread
    pure Listener {url = "http://127.0.0.1:" <> Text.pack (show port), stop = close}
