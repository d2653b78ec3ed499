// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/sqliteerror.h"

#include <cerrno>

#include <sqlite3.h>

namespace tailscope::store {

namespace {

// SQLite reports a file size limit or an exhausted quota as a plain I/O error; to the user all three are the
// same.
bool isNoSpace(sqlite3 *database, int code, int lastErrno)
{
    if ((code & 0xff) == SQLITE_FULL)
        return true;
    // A commit does not keep the system's number with the connection; then it is still in errno.
    const bool writing = code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC
        || code == SQLITE_IOERR_TRUNCATE || code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_SHMOPEN;
    const auto means = [](int number) { return number == ENOSPC || number == EFBIG || number == EDQUOT; };
    return (code & 0xff) == SQLITE_IOERR
        && ((database && means(sqlite3_system_errno(database))) || (writing && means(lastErrno)));
}

} // namespace

Error sqliteError(sqlite3 *database, int code, std::string_view subject)
{
    const int lastErrno = errno;
    const int primary = code & 0xff;
    Error error{ErrorCode::Sql, std::string(subject), {}, std::nullopt, {}};
    // The connection's message belongs to its last call, which may not be the one that returned `code`.
    error.detail = database && (sqlite3_errcode(database) & 0xff) == primary ? sqlite3_errmsg(database)
                                                                             : sqlite3_errstr(code);
    if (error.subject.empty())
        error.subject = "workspace";
    if (isNoSpace(database, code, lastErrno)) {
        error.code = ErrorCode::DiskFull;
        error.detail = "no space left to write the workspace (" + error.detail + ")";
        error.hint = "Free disk space and try again; what was committed before is kept";
        return error;
    }
    switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        error.code = ErrorCode::Locked;
        error.hint = "Another program is writing to the workspace; try again when it is done";
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        error.code = ErrorCode::Damaged;
        error.hint = "Restore the file from a copy, or import its sources again";
        break;
    case SQLITE_INTERRUPT:
        error.code = ErrorCode::Cancelled;
        error.detail = "cancelled";
        break;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_IOERR:
        error.code = ErrorCode::NotReadable;
        error.hint = "Check that the file and its folder can be read and written";
        break;
    case SQLITE_READONLY:
        error.hint = "The workspace is open for reading only";
        break;
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
        error.code = ErrorCode::LimitExceeded;
        error.hint = "Ask for less at a time";
        break;
    case SQLITE_AUTH:
        error.detail = "only reading is allowed here (" + error.detail + ")";
        error.hint = "Use a SELECT without ATTACH, PRAGMA or changes";
        break;
    default:
        break;
    }
    return error;
}

} // namespace tailscope::store
