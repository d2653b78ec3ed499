// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

struct sqlite3;

namespace tailscope::store {

/// Error for the last failed call on a connection: our code, SQLite's message, and what to do. `code` is the
/// value the call returned (extended codes welcome).
Error sqliteError(sqlite3 *database, int code, std::string_view subject);

} // namespace tailscope::store
