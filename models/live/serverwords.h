// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"
#include "live/connection.h"

#include <string>
#include <string_view>

namespace tailscope::live {

/// What libpq says when a connection fails, with the code that the server sent, taken apart.
struct ServerWords
{
    std::string text; ///< one line
    std::string sqlState; ///< empty = the server did not get as far as that
};

/// Of an error message made with PQERRORS_VERBOSE.
ServerWords serverWords(std::string_view verboseMessage);

/// Lines become one, bad bytes are mended, at most 2,000 bytes.
std::string oneLine(std::string_view message);

/// Why a connection failed, for a person, with what to do. `needsPassword` as libpq says it.
struct ConnectProblem
{
    Failure failure = Failure::Unreachable;
    Error error;
};
ConnectProblem connectProblem(const ServerWords &words, bool needsPassword, const std::string &subject);

/// The server takes no `options` at start (poolers) or does not know one of them (other engines).
bool refusesOptions(const ServerWords &words);

/// An error of one query with what to do about it. `sqlState` of the server.
Error queryError(const std::string &subject, std::string_view message, std::string_view detail,
    std::string_view hint, std::string_view sqlState);

} // namespace tailscope::live
