{-# LANGUAGE CPP #-}
{-# LANGUAGE OverloadedStrings #-}

-- | wai-cors in front of a Scotty application.
module Main (main) where

import Corspec
import Cors (layer)
import Data.Aeson (Key, Value (String))
import Data.IORef (newIORef)
import qualified Data.Text as Text
import Data.Version (showVersion)
import Listen (listen)
import Resource (resource)
import System.Info (compilerVersion)
import Web.Scotty (middleware, scottyApp)

main :: IO ()
main = runServer Server {hello = whoItIs, serve = served}

whoItIs :: [(Key, Value)]
whoItIs =
    [ ("name", "wai-cors")
    , ("language", "haskell")
    , ("framework", String ("scotty " <> VERSION_scotty))
    , ("middleware", String ("wai-cors " <> VERSION_wai_cors))
    , ("runtime", String (Text.pack ("ghc " <> showVersion compilerVersion <> ", warp " <> VERSION_warp)))
    , ("homepage", "https://hackage.haskell.org/package/wai-cors")
    , ("issues", "https://github.com/larskuhtz/wai-cors/issues")
    ]

served :: Maybe Policy -> IO Answer
served policy = case layer policy of
    Left reason -> pure (Unsupported reason)
    Right cors -> do
        hits <- newIORef 0
        application <- scottyApp (middleware cors >> resource hits)
        Ready <$> listen application
