SELECT kind, host, dbname, server_version_num, in_recovery, timeline, length(system_identifier) AS identifier_digits FROM server
