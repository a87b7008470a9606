//! What an editor has to know of a `corspec.yaml`.

use serde_json::{Value, json};

use super::hint::Framework;

/// The JSON Schema of a `corspec.yaml`.
pub fn schema() -> Value {
    let frameworks: Vec<&str> = Framework::all().map(Framework::name).collect();
    let names = |about: &str| json!({"description": about, "type": "array", "uniqueItems": true, "items": {"type": "string", "minLength": 1}});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": super::SCHEMA_URL,
        "title": "corspec.yaml",
        "description": "A server, its routes, and whose pages may do what with it.",
        "type": "object",
        "additionalProperties": false,
        "required": ["server", "policy"],
        "properties": {
            "server": {"description": "Where the server listens, with the path that all routes are below.", "type": "string", "pattern": "^https?://[^/@?#]+(/[^?#]*)?$"},
            "public": {"description": "The origin under which pages know it, where that is another.", "type": "string", "pattern": "^https?://[^/]+$"},
            "policy": {
                "description": "What you want to permit; nothing else should be.",
                "type": "object",
                "additionalProperties": false,
                "required": ["origins"],
                "properties": {
                    "origins": names("Whose pages may read: https://app.example, https://*.app.example for subdomains, or * alone for all."),
                    "methods": names("Which methods they may use. GET, HEAD and POST, if left out."),
                    "headers": names("Which request headers their scripts may set."),
                    "expose": names("Which response headers their scripts may read, beside the usual ones."),
                    "credentials": {"description": "Whether cookies go along.", "type": "boolean", "default": false},
                    "max_age": {"description": "For how many seconds a browser may remember that.", "type": ["integer", "null"], "minimum": 0}
                }
            },
            "routes": {
                "description": "What can be asked for. The first one is asked for most.",
                "type": "array",
                "minItems": 1,
                "items": {"oneOf": [
                    {"type": "string", "pattern": "^/"},
                    {
                        "type": "object",
                        "additionalProperties": false,
                        "required": ["path"],
                        "properties": {
                            "path": {"description": "Below the server's URL.", "type": "string", "pattern": "^/"},
                            "methods": names("The methods that it answers. GET, if left out."),
                            "headers": {"description": "Headers that every page sends; ${NAME} is taken from the environment.", "type": "object", "additionalProperties": {"type": "string"}},
                            "body": {"description": "What methods with a body send.", "type": "string"},
                            "may_write": {"description": "Whether methods other than GET, HEAD and OPTIONS are sent.", "type": "boolean", "default": false}
                        }
                    }
                ]}
            },
            "cookie": {"description": "A cookie that the visitor holds: session=${SESSION}.", "type": "string", "pattern": "^[^=;]+=[^;]*\\$\\{[A-Za-z0-9_]+\\}"},
            "limits": {
                "description": "How much the server is asked for.",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "per_second": {"description": "How many requests begin within a second.", "type": "integer", "minimum": 1, "maximum": 10000},
                    "at_once": {"description": "How many are under way at once.", "type": "integer", "minimum": 1, "maximum": 256, "default": 8},
                    "timeout": {"description": "Seconds for one of them.", "type": "integer", "minimum": 1, "maximum": 600, "default": 10},
                    "retries": {"description": "How often a request is sent again that brought no answer.", "type": "integer", "minimum": 0, "maximum": 10, "default": 2}
                }
            },
            "tls": {
                "description": "Which certificates are trusted.",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "ca": {"description": "A file of certificates in PEM.", "type": "string"},
                    "insecure": {"description": "Whether any certificate will do.", "type": "boolean", "default": false}
                }
            },
            "framework": {"description": "In what the server is written.", "enum": frameworks}
        }
    })
}
