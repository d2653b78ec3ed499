// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/serverfacts.h"

#include <optional>
#include <string>
#include <string_view>

namespace tailscope::live {

/// By what version() answers.
Engine engineOf(std::string_view version);
/// PostgreSQL with an extension that makes more of it.
Engine engineByExtensions(const ServerFacts &facts);
/// What is shown as the version: "15.18 (Debian ...)", "v22.2.1", "15.2-YB-2.25.0.0".
std::string versionTextOf(Engine engine, std::string_view version, std::string_view serverVersion);
/// "PgBouncer 1.18.0", "1.18.0/bouncer": 11800. nullopt = another pooler.
std::optional<int> bouncerVersion(std::string_view words);

} // namespace tailscope::live
