// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/timetext.h"
#include "import/pgcatalog/catalogrows.h"
#include "import/poolerconsole/pgbouncerrows.h"
#include "live/changefilter.h"
#include "live/sample.h"
#include "live/serversink.h"
#include "live/statementmapper.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::live {

/// What one server says, into rows: by the very mappers that read the same result sets from files. All rows
/// of one answer have one time. Counters that did not change are left out; when one moves again the last
/// value before it is stored too, so that its rate is of the time in which it moved. One thread.
class ServerMapper
{
public:
    ServerMapper(RowSink &sink, import::ImportReport &report, std::string label);
    ~ServerMapper();

    /// Facts of a connection. A row of the server is written when what it says has changed.
    void connected(std::shared_ptr<const ServerFacts> facts, Nanos ourNs);
    void take(const Sample &sample);
    /// Stores what still waits for its other half.
    void finish();

    std::int64_t rows() const { return m_sink.rows(); }
    std::int64_t unchanged() const;
    ServerSink &sink() { return m_sink; }
    bool sawStatementReset() { return m_statements && m_statements->sawReset(); }

private:
    /// One probe whose answers are catalog rows.
    struct CatalogProbe
    {
        explicit CatalogProbe(const Probe &probe)
            : filter(probe)
        {}
        ChangeFilter filter;
        std::vector<std::string> columns;
        std::unique_ptr<import::CatalogShape> shape;
        ResultSet before; ///< the last answer, where rows of it may have to be stored later
        std::unordered_map<std::uint64_t, std::size_t> leftOut; ///< rows of `before` by their key
    };
    void newServer(Nanos ourNs);
    void takeCatalog(const Sample &sample);
    void storeRow(CatalogProbe &probe, const ResultSet &rows, std::size_t row);
    void takePooler(const Sample &sample);
    void ownCost(const Sample &sample);

    import::ImportReport &m_report;
    ServerSink m_sink;
    import::TimeText m_time;
    std::unique_ptr<import::CatalogRows> m_catalog;
    std::unique_ptr<StatementMapper> m_statements;
    std::unique_ptr<import::PgbouncerRows> m_pooler;
    std::shared_ptr<const ServerFacts> m_facts;
    std::string m_identity; ///< of the server's row that was written last
    RecordRef m_server = RecordRef::None;
    std::map<const Probe *, CatalogProbe> m_probes;
    std::map<const Probe *, SeriesRef> m_costs;
    Nanos m_poolerNs = 0;
    std::set<import::PgbouncerRows::Set> m_poolerSets; ///< of the snapshot at hand
    std::vector<import::CatalogCell> m_cells;
    std::vector<std::string> m_names;
    std::vector<std::string_view> m_texts;
};

} // namespace tailscope::live
