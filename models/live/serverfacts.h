// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::live {

/// What answers at the other end.
enum class Engine {
    Unknown,
    PostgreSql,
    Pgbouncer,
    Citus, ///< PostgreSQL with the extension: everything of it applies
    Timescale, ///< likewise
    Greenplum,
    CockroachDb,
    YugabyteDb,
    Redshift,
    Other, ///< speaks the protocol and is none of these
};
std::string_view toText(Engine engine);

/// What a connection found out about its server; read again after every reconnect. A value.
struct ServerFacts
{
    Engine engine = Engine::Unknown;
    std::string name, host, dbname, user;
    int port = 0;
    std::string versionText; ///< "15.18 (Debian 15.18-0+deb12u1)"
    int versionNum = 0; ///< 150018; of PgBouncer 11800 for 1.18.0; 0 = unknown
    std::map<std::string, std::string, std::less<>> extensions; ///< of the database: name -> version
    /// The schema each was put into: search_path holds pg_catalog only, so its objects are named with it.
    std::map<std::string, std::string, std::less<>> extensionSchemas;
    std::optional<bool> inRecovery;
    std::string systemIdentifier; ///< empty = may not be read
    std::optional<std::int64_t> timeline;
    Nanos postmasterStartNs = kUnknownNanos;
    bool isSuperuser = false, hasMonitor = false; ///< pg_monitor, or superuser
    std::string encoding; ///< of the database; the client's is always UTF8
    std::string tls; ///< "TLSv1.3, TLS_AES_256_GCM_SHA384, certificate checked"; empty = not encrypted
    std::string sslmode;
    Nanos clockDifferenceNs = 0; ///< its clock minus ours; 0 where it is within the round trip
    Nanos roundTripNs = 0;
    int backendPid = 0;
    /// What the role may not see and why ("query texts of other users: needs pg_monitor").
    std::vector<std::string> hidden;

    bool hasExtension(std::string_view extension) const
    {
        return extensions.find(extension) != extensions.end();
    }
};

} // namespace tailscope::live
