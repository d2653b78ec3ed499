SELECT kind, name FROM server
