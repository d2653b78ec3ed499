// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/timetext.h"
#include "import/pgcatalog/catalogshape.h"
#include "import/pgcatalog/catalogstandby.h"
#include "store/rowsink.h"

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::import {

/// One row of a result set and where it stands.
struct CatalogRow
{
    std::span<const CatalogCell> cells; ///< by column of the shape
    std::uint64_t offset = 0, length = 0;
    std::string_view raw;
};

/// Turns rows of catalog views into records and points. A row of the server's own (catalog_view "server")
/// says whose rows come after it, and when they were taken unless they say it themselves. One object reads
/// one file.
class CatalogRows
{
public:
    /// Series whose SeriesRef is remembered; beyond it the sink is asked again.
    static constexpr std::size_t kMaxCached = 65'536;

    CatalogRows(RowSink &sink, ImportReport &report, TimeText &time);
    /// Numbers may have a decimal comma: where it separates no fields.
    void setDecimalComma(bool allowed) { m_decimalComma = allowed; }
    void take(const CatalogShape &shape, const CatalogRow &row);
    /// A result set begins; null: of columns that are not known.
    void header(const CatalogShape *shape, std::uint64_t offset);
    /// The rows from here on were taken at this time, unless they say it themselves (a line of psql's watch
    /// command).
    void setTime(std::string_view text, std::uint64_t offset);
    /// Writes what still waits for its other half. Call after the last row; of an attached server after each
    /// answer.
    void finish() { m_standby.finish(); }
    /// The server whose rows come.
    RecordRef server() const { return m_server; }
    /// A time was read: the clock of the source is known.
    bool sawTime() const { return m_sawTime; }

private:
    /// Values of one view's columns.
    struct Values
    {
        const CatalogView *view = nullptr;
        std::vector<CatalogValue> list;
        CatalogValue *find(std::string_view target);
        std::optional<std::int64_t> integer(std::string_view target);
        std::string text(std::string_view target); ///< empty when unknown
        void set(std::string_view target, CatalogValue value);
        bool isKnown(std::string_view target);
    };

    bool takeView(const CatalogShape &shape, const CatalogShape::View &view, const CatalogRow &row);
    bool takeCounters(const CatalogShape::Counters &counters, const CatalogRow &row);
    CatalogValue valueOf(const CatalogCell &cell, const CatalogColumn &column, const CatalogRow &row,
        std::string_view view);
    Nanos rowTime(const CatalogShape &shape, const CatalogRow &row);
    std::optional<Nanos> timeOf(std::string_view text, std::uint64_t offset);
    void nameRelations(Values &values);
    bool takeServer(Values &values);
    bool takeTable(Values &values, const CatalogRow &row);
    static std::string extraOf(const Values &values);
    bool takeLocks(Values &values);
    void completeSession(Values &values);
    bool takeWaits(Values &values);
    void completeSetting(Values &values, const CatalogRow &row);
    void completeReplica(Values &values, const CatalogRow &row);
    bool takeStandby(Values &values, const CatalogRow &row);
    bool takeReceiver(Values &values, const CatalogRow &row);
    void completeProgress(Values &values, const CatalogShape &shape, const CatalogRow &row);
    std::string restAsJson(const CatalogShape &shape, const CatalogRow &row);
    RecordRef emit(Values &values);

    RowSink &m_sink;
    ImportReport &m_report;
    TimeText &m_time;
    bool m_decimalComma = false, m_sawTime = false;
    RecordRef m_server = RecordRef::None;
    std::map<std::string, RecordRef> m_servers;
    std::string m_database, m_instance; ///< of the last row of a server
    Nanos m_headTime = kUnknownNanos, m_rowTime = kUnknownNanos;
    std::unordered_map<std::string, SeriesRef> m_series;
    Values m_values;
    CatalogStandby m_standby;
    std::string m_rest; ///< JSON of the row at hand
    /// Of pg_wait_sampling_profile, by server and wait: its counts so far.
    struct WaitCount
    {
        std::int64_t count = 0;
        Nanos tsNs = kUnknownNanos;
    };
    std::unordered_map<std::string, WaitCount> m_waits;
    std::map<RecordRef, std::pair<Nanos, Nanos>> m_profileTimes; ///< of the profile at hand and before it
    std::vector<RecordField> m_fields;
};

/// What the text of a CREATE INDEX, as pg_get_indexdef() writes it, says of an index.
struct IndexDefinition
{
    bool unique = false;
    std::string method, predicate;
};
IndexDefinition readIndexDefinition(std::string_view text);

} // namespace tailscope::import
