{-# LANGUAGE OverloadedStrings #-}

-- | The server protocol: JSON Lines on stdin and stdout.
module Corspec
    ( Answer (..)
    , Listener (..)
    , Policy (..)
    , Server (..)
    , runServer
    ) where

import Control.Exception (SomeException, displayException, try)
import Data.Aeson
import Data.Aeson.Key (toText)
import qualified Data.Aeson.KeyMap as KeyMap
import Data.Aeson.Types (Parser, parseEither)
import qualified Data.ByteString.Char8 as Bytes
import qualified Data.ByteString.Lazy.Char8 as Lazy
import Data.IORef
import qualified Data.Map.Strict as Map
import Data.Text (Text)
import qualified Data.Text as Text
import System.IO

data Policy = Policy
    { origins :: [Text]
    , methods :: [Text]
    , headers :: [Text]
    , expose :: [Text]
    , credentials :: Bool
    , maxAge :: Maybe Int
    }

fields :: [Key]
fields = ["origins", "methods", "headers", "expose", "credentials", "max_age"]

instance FromJSON Policy where
    parseJSON = withObject "Policy" $ \given ->
        Policy <$> given .: "origins" <*> given .: "methods" <*> given .: "headers" <*> given .: "expose"
            <*> given .: "credentials" <*> given .: "max_age"

-- | What listens for one policy.
data Listener = Listener {url :: Text, stop :: IO ()}

data Answer = Ready Listener | Unsupported Text

data Server = Server {hello :: [(Key, Value)], serve :: Maybe Policy -> IO Answer}

-- | Serves until stdin ends.
runServer :: Server -> IO ()
runServer server = do
    hSetBuffering stdout LineBuffering
    running <- newIORef Map.empty
    let loop = do
            ended <- isEOF
            if ended then pure () else Bytes.getLine >>= answer server running >> loop
    loop
    readIORef running >>= mapM_ stop

type Running = IORef (Map.Map Int Listener)

answer :: Server -> Running -> Bytes.ByteString -> IO ()
answer server running line = case eitherDecodeStrict line of
    Right message | [(kind, content)] <- KeyMap.toList message -> dispatch kind content
    Right _ -> hPutStrLn stderr "a message has exactly one key"
    Left problem -> hPutStrLn stderr problem
  where
    dispatch "hello" _ = write "hello" (("protocol" .= (1 :: Int)) : hello server)
    dispatch kind content = case parseEither (withObject "message" (.: "seq")) content of
        Left problem -> hPutStrLn stderr problem
        Right number | kind == "serve" -> served number content
        Right number | kind == "drop" -> dropped number
        Right number -> failed number ("unknown message " <> toText kind)
    served number content = case parseEither policyOf content of
        Left problem -> failed number (Text.pack problem)
        Right (Left unknown) -> write "unsupported" ["seq" .= number, "reason" .= unknown]
        Right (Right policy) -> do
            outcome <- try (serve server policy)
            case outcome of
                Left problem -> failed number (Text.pack (displayException (problem :: SomeException)))
                Right (Unsupported reason) -> write "unsupported" ["seq" .= number, "reason" .= reason]
                Right (Ready listener) -> do
                    modifyIORef running (Map.insert number listener)
                    write "ready" ["seq" .= number, "url" .= url listener]
    dropped number = do
        found <- Map.lookup number <$> readIORef running
        case found of
            Nothing -> failed number "no policy has that seq"
            Just listener -> do
                modifyIORef running (Map.delete number)
                stop listener
                write "dropped" ["seq" .= number]
    failed :: Int -> Text -> IO ()
    failed number message = write "failed" ["seq" .= number, "message" .= message]

-- | The policy, null, or the fields of which this server knows nothing.
policyOf :: Value -> Parser (Either Text (Maybe Policy))
policyOf = withObject "serve" $ \content -> do
    given <- content .: "policy"
    case given of
        Null -> pure (Right Nothing)
        Object members
            | unknown@(_ : _) <- filter (`notElem` fields) (KeyMap.keys members) ->
                pure (Left ("unknown to this server: " <> Text.intercalate ", " (map toText unknown)))
        _ -> Right . Just <$> parseJSON given

write :: Key -> [(Key, Value)] -> IO ()
write kind content = Lazy.putStrLn (encode (object [kind .= object content]))
