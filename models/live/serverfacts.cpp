// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/serverfacts.h"

#include "base/text.h"
#include "live/engines.h"

#include <algorithm>
#include <array>

namespace tailscope::live {

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// The word behind a mark: "CockroachDB CCL v22.2.1 (x86)" behind "CCL " is "v22.2.1".
std::string wordBehind(std::string_view text, std::string_view mark)
{
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos)
        return {};
    const std::string_view rest = text.substr(at + mark.size());
    return std::string(rest.substr(0, rest.find_first_of(" ,)")));
}

} // namespace

std::string_view toText(Engine engine)
{
    switch (engine) {
    case Engine::Unknown:
        return "unknown";
    case Engine::PostgreSql:
        return "PostgreSQL";
    case Engine::Pgbouncer:
        return "PgBouncer";
    case Engine::Citus:
        return "Citus";
    case Engine::Timescale:
        return "TimescaleDB";
    case Engine::Greenplum:
        return "Greenplum";
    case Engine::CockroachDb:
        return "CockroachDB";
    case Engine::YugabyteDb:
        return "YugabyteDB";
    case Engine::Redshift:
        return "Redshift";
    case Engine::Other:
        break;
    }
    return "another engine";
}

Engine engineOf(std::string_view version)
{
    // Most forks call themselves PostgreSQL first.
    if (has(version, "CockroachDB"))
        return Engine::CockroachDb;
    if (has(version, "-YB-") || has(version, "Yugabyte"))
        return Engine::YugabyteDb;
    if (has(version, "Greenplum"))
        return Engine::Greenplum;
    if (has(version, "Redshift"))
        return Engine::Redshift;
    return version.starts_with("PostgreSQL") || version.starts_with("EnterpriseDB") ? Engine::PostgreSql
                                                                                    : Engine::Other;
}

Engine engineByExtensions(const ServerFacts &facts)
{
    if (facts.hasExtension("citus"))
        return Engine::Citus;
    return facts.hasExtension("timescaledb") ? Engine::Timescale : facts.engine;
}

std::string versionTextOf(Engine engine, std::string_view version, std::string_view serverVersion)
{
    std::string own;
    if (engine == Engine::CockroachDb) {
        const std::size_t at = version.find(" v");
        own = at == std::string_view::npos ? "" : wordBehind(version.substr(at), " ");
    } else if (engine == Engine::Greenplum) {
        own = wordBehind(version, "Greenplum Database ");
    } else if (engine == Engine::Redshift) {
        own = wordBehind(version, "Redshift ");
    } else if (engine == Engine::YugabyteDb) {
        own = wordBehind(version, "PostgreSQL ");
    }
    if (!own.empty())
        return own;
    return std::string(serverVersion.empty() ? version : serverVersion);
}

std::optional<int> bouncerVersion(std::string_view words)
{
    const std::string lower = toLowerAscii(words);
    if (lower.find("bouncer") == std::string::npos)
        return std::nullopt;
    const std::size_t digit = lower.find_first_of("0123456789");
    if (digit == std::string::npos)
        return 0;
    std::array<int, 3> parts{};
    std::size_t part = 0;
    for (const std::string_view piece : split(std::string_view(lower).substr(digit), '.')) {
        const auto number = parseInt64(piece.substr(0, piece.find_first_not_of("0123456789")));
        if (part == parts.size() || !number)
            break;
        parts[part++] = static_cast<int>(std::clamp<std::int64_t>(*number, 0, 99));
    }
    return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

} // namespace tailscope::live
