// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tailscope {

/// Why an operation failed; maps to the exit codes of the command line (see exitCode()).
enum class ErrorCode {
    Usage, ///< wrong arguments or no display
    NotFound, ///< no such file, view, source, rule
    NotReadable, ///< directory, permission denied, I/O error while reading
    UnknownFormat, ///< no importer claims the bytes
    BadInput, ///< the container is broken beyond salvage
    LimitExceeded, ///< a stated bound (depth, ratio of inflation, size) was passed
    Cancelled, ///< the user cancelled
    DiskFull, ///< no space while writing the workspace
    Locked, ///< another process owns the workspace
    Damaged, ///< the workspace file is not a database or fails its check
    NewerVersion, ///< written by a newer schema; opened read-only
    Sql, ///< a statement failed; detail holds SQLite's message
    Connection, ///< a server could not be reached
    Internal, ///< our mistake
};

/// Where in an input something is: byte offset of the decompressed stream, or line and column (1-based).
struct Location
{
    std::optional<std::uint64_t> offset;
    std::optional<std::uint64_t> line;
    std::optional<std::uint64_t> column;

    /// "offset 123" or "line 4, column 7"; empty when nothing is known.
    std::string toText() const;
};

/// What went wrong, told so that a person can act on it: what, where, what to do. The subject is never empty.
struct Error
{
    ErrorCode code = ErrorCode::Internal;
    std::string subject; ///< file, workspace, query or option it is about
    std::string detail; ///< the cause in plain words
    std::optional<Location> where;
    std::string hint; ///< what to do next; may be empty only when nothing can be done

    /// One line: "subject: detail (where). hint".
    std::string toText() const;
};

/// Exit code of the command line for an error (DESIGN: 2 usage, 3 input, 4 connection, 5 workspace).
int exitCode(ErrorCode code);

} // namespace tailscope
