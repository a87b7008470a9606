{-# LANGUAGE OverloadedStrings #-}

-- | The resource, without CORS.
module Resource (resource) where

import Control.Exception (throwIO)
import Control.Monad (forM_)
import Control.Monad.IO.Class (liftIO)
import Data.Aeson (Value (Null), object, (.=))
import Data.IORef
import qualified Data.Text.Lazy as Lazy
import Network.HTTP.Types
import Web.Scotty

resource :: IORef Int -> ScottyM ()
resource hits = do
    forM_ ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] $ \verb ->
        addroute' verb "/resource" $ do
            liftIO (atomicModifyIORef' hits (\count -> (count + 1, ())))
            answer
    get "/cacheable" $ setHeader "Cache-Control" "public, max-age=600" >> answer
    forM_ ["GET", "POST"] $ \verb -> do
        addroute' verb "/status/:code" $ param "code" >>= withStatus
        addroute' verb "/error" $ liftIO (throwIO (userError "the handler fails"))
    get "/protected" $ requireToken >> answer
    get "/session" $ do
        cookie <- header "Cookie"
        json (object ["cookie" .= cookie])
    forM_ ["GET", "POST", "PUT"] $ \verb ->
        addroute' verb "/redirect" $ do
            to <- param "to"
            code <- param "status"
            setHeader "Location" to
            status (toEnum code)
    addroute' "OPTIONS" "/own-options" $ setHeader "Allow" "GET, OPTIONS" >> text "own"
    get "/own-cors" $ setHeader "Access-Control-Allow-Origin" "https://legacy.example" >> answer
    get "/hits" $ do
        count <- liftIO (readIORef hits)
        json (object ["hits" .= count])
  where
    addroute' verb path = addroute (either (const GET) id (parseMethod verb)) path

answer :: ActionM ()
answer = do
    setHeader "X-Request-Id" "r-1"
    setHeader "X-Secret" "s-1"
    setHeader "Vary" "Accept-Language"
    json (object ["resource" .= ("ok" :: Lazy.Text)])

-- | A status of 1xx is no final answer, so a handler cannot give it; and some have no body.
withStatus :: Int -> ActionM ()
withStatus code
    | code < 200 || code > 599 = next
    | code `elem` [204, 205, 304] = status (toEnum code)
    | otherwise = status (toEnum code) >> json (object ["status" .= code])

requireToken :: ActionM ()
requireToken = do
    token <- header "Authorization"
    if token == Just "Bearer letmein"
        then pure ()
        else do
            setHeader "WWW-Authenticate" "Bearer"
            status status401
            json Null
            finish
