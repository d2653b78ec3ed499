// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/pglog/logwords.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tailscope::import::pglog {

/// One record of a server's log, whatever form it was written in. Texts are well-formed UTF-8. Reused:
/// clear().
struct LogRecord
{
    /// Texts of one record together; what is beyond is left out and told.
    static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;

    std::uint64_t offset = 0, length = 0; ///< of its first line; bytes of its lines
    Nanos tsNs = kUnknownNanos;
    std::int32_t offsetSeconds = 0;
    std::int64_t key = -1; ///< process id of the syslog head, which also lines without prefix have
    std::optional<std::int64_t> pid, queryId;
    Word level = Word::None;
    Word field = Word::None; ///< what the next line without prefix goes on with
    std::string user, db, application, client, backendType, sqlstate, host;
    std::string message, detail, hint, query, context, statement, location;
    std::size_t bytes = 0; ///< of the texts
    bool cut = false;

    void clear();
    /// The text that the word introduces; message for levels.
    std::string &textOf(Word word);
    /// Appends within kMaxBytes.
    void append(Word word, std::string_view text, bool newLine);
};

/// Takes complete records in the order of the file; may change the record.
class RecordTaker
{
public:
    virtual ~RecordTaker() = default;
    virtual void take(LogRecord &record) = 0;
};

} // namespace tailscope::import::pglog
