// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

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
    std::string label; ///< as the user calls it; empty = host:port/database
};

/// Takes the text apart (PQconninfoParse): the password moves to Target::password. ErrorCode::Usage with what
/// libpq says of it, without any password. Any thread.
Result<Target> parseTarget(std::string_view conninfo, TargetKind kind);

/// "host:port/database as user", what may be shown and stored of it.
std::string safeText(const Target &target);

} // namespace tailscope::live
