{-# LANGUAGE OverloadedStrings #-}

-- | The policy, said as <https://hackage.haskell.org/package/wai-cors/docs/Network-Wai-Middleware-Cors.html> shows.
module Cors (layer) where

import Corspec (Policy (..))
import qualified Data.ByteString as Bytes
import qualified Data.CaseInsensitive as CaseInsensitive
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Text.Encoding (encodeUtf8)
import Network.Wai (Middleware)
import Network.Wai.Middleware.Cors

-- | The middleware, or why there is none. Without a policy it is the one of the documentation's first example.
layer :: Maybe Policy -> Either Text Middleware
layer Nothing = Right simpleCors
layer (Just policy)
    | any ("://*." `Text.isInfixOf`) (origins policy) = Left "corsOrigins lists origins, and knows no patterns"
    | anyOrigin && credentials policy = Left "corsOrigins says any origin by Nothing, which has no place for credentials"
    | methods policy == any' = Left "corsMethods lists methods, and has no word for any"
    | headers policy == any' = Left "corsRequestHeaders lists names, and has no word for any"
    | expose policy == any' = Left "corsExposedHeaders lists names, and has no word for any"
    | otherwise = Right (cors (const (Just said)))
  where
    any' = ["*"]
    anyOrigin = origins policy == any'
    bytes = map encodeUtf8 :: [Text] -> [Bytes.ByteString]
    names = map CaseInsensitive.mk . bytes
    said =
        simpleCorsResourcePolicy
            { corsOrigins = if anyOrigin then Nothing else Just (bytes (origins policy), credentials policy)
            , corsMethods = bytes (methods policy)
            , corsRequestHeaders = names (headers policy)
            , corsExposedHeaders = Just (names (expose policy))
            , corsMaxAge = maxAge policy
            , -- The documentation asks for it where the answer names one of several origins.
              corsVaryOrigin = not anyOrigin
            }
