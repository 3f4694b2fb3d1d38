"""Plays whole sessions with real WebSocket clients and checks what they were told against what the database holds."""
