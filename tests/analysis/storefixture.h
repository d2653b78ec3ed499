// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/bulkwriter.h"
#include "store/workspace.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <QTest>

/// QVERIFY for a Result, with its message.
#define TS_VERIFY_OK(expr)                                                                                   \
    do {                                                                                                     \
        const auto &tsVerified = (expr);                                                                     \
        QVERIFY2(tsVerified.has_value(), tsVerified ? "" : tsVerified.error().toText().c_str());             \
    } while (false)

namespace storefixture {

using namespace tailscope;

/// A workspace in a temporary folder and short ways to fill a source. Fails the program when the store does.
class Source
{
public:
    explicit Source(const store::Workspace &workspace, ClockKind clock = ClockKind::Utc);

    TrackRef track(TrackRow::Shape shape, std::string_view service, std::string_view instance = {},
        std::string_view thread = {});
    /// A span by time: on a nested or async track.
    SpanRef span(TrackRef track, std::string_view operation, Nanos start, Nanos duration,
        std::uint32_t quality = SpanQualityNone);
    /// A span by keys (0 = none) in trace `trace` (empty = none).
    SpanRef linked(TrackRef track, std::string_view trace, std::uint64_t key, std::uint64_t parent,
        std::string_view operation, Nanos start, Nanos duration, SpanKind kind = SpanKind::Internal,
        SpanStatus status = SpanStatus::Unset, AttributeList attributes = {});
    store::BulkWriter &writer() { return *m_writer; }
    /// Ends the source; its id.
    std::int64_t finish();

private:
    std::unique_ptr<store::BulkWriter> m_writer;
};

std::unique_ptr<store::Workspace> newWorkspace();

/// What deriveSpans() is to give, as a query.
inline constexpr const char *kFigures
    = "SELECT operation, ifnull(parent_id, 0), depth, self_ns, gap_ns, lane, quality"
      " FROM span ORDER BY id";

/// A derived span.
struct Row
{
    std::int64_t id = 0, parent = 0, track = 0, depth = 0, lane = 0;
    Nanos start = 0, duration = 0, self = 0;
};
std::vector<Row> allRows(const store::Workspace &workspace);
/// Properties of every derived set: no two spans of one (track, lane) overlap; a child lies one deeper than
/// its parent.
void checkLanesDoNotOverlap(const std::vector<Row> &rows);
void checkDepths(const std::vector<Row> &rows);

/// All rows of a query as text: columns with blanks between, "-" for NULL, rows with "; " between.
std::string query(const store::Workspace &workspace, std::string_view sql);

} // namespace storefixture
