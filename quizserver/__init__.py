"""The roof of the server: settings, URLs, ASGI, health, middleware, and what starts and stops it."""

#: The one place of the version: packages, /health, the pages and the API documents take it from here.
__version__ = "0.2.0"
