// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace tailscope::live {

enum class TargetKind { Postgres, Pgbouncer };

/// A server to attach to. The password lives here and in libpq only: never in a workspace, settings or log.
struct Target
{
    TargetKind kind = TargetKind::Postgres;
    std::string conninfo; ///< keywords, URI or "service=...", without a password
    std::string
        password; ///< asked for, or from the keychain; empty = libpq's own sources (.pgpass, service file)
    /// The other secrets of a conninfo by their keyword (sslpassword): like the password.
    std::map<std::string, std::string, std::less<>> secrets;
    std::string label; ///< as the user calls it; empty = host:port/database
};

/// Takes the text apart (PQconninfoParse): the password moves to Target::password. ErrorCode::Usage with what
/// libpq says of it, without any password. Any thread.
Result<Target> parseTarget(std::string_view conninfo, TargetKind kind);

/// "host:port/database as user", what may be shown and stored of it. What the text leaves open is taken from
/// the environment, as libpq does it; of a service only its name is known.
std::string safeText(const Target &target);
/// Label of the user, else "host:port/database".
std::string shortText(const Target &target);

} // namespace tailscope::live
