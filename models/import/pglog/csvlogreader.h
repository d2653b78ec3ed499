// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/linereader.h"
#include "import/pglog/logreader.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::pglog {

/// Fields of one CSV record as PostgreSQL writes it; views into `scratch` where quotes were doubled, else
/// into the record. False when a quote is not closed or stands where none may.
bool splitCsvRecord(std::string_view record, std::vector<std::string_view> &fields, std::string &scratch);
/// The line can be the first of a record: a time, and then a comma.
bool looksLikeCsvHead(std::string_view line);

/// log_destination = csvlog, of PostgreSQL 8.4 to 17: 22 to 26 columns. A record whose quotes are broken is
/// rejected up to the next line that can be the first of one.
class CsvLogReader final : public LogReader
{
public:
    static constexpr std::size_t kColumns = 22; ///< at least

    using LogReader::LogReader;

protected:
    Result<void> records(ByteSource &source, RecordTaker &taker, ImportReport &report) override;

private:
    struct Piece
    {
        std::string text;
        std::uint64_t offset = 0, length = 0;
    };
    void takeLine(std::string_view text, std::uint64_t offset, std::uint64_t length, RecordTaker &taker,
        ImportReport &report);
    void add(Piece piece, RecordTaker &taker, ImportReport &report);
    bool finish(RecordTaker &taker, ImportReport &report);
    void giveUp(std::string_view reason, RecordTaker &taker, ImportReport &report);
    bool fill(ImportReport &report);

    std::vector<Piece> m_pieces; ///< lines of the record that is open
    std::size_t m_bytes = 0; ///< of them
    std::size_t m_quotes = 0; ///< in them
    std::size_t m_heads = 0; ///< of them, behind the first, that look like a record's first
    std::string m_text, m_scratch, m_clean;
    std::vector<std::string_view> m_fields;
    LogRecord m_record;
};

} // namespace tailscope::import::pglog
