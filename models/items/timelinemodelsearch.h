// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/sessioncontext.h"

#include <QObject>
#include <QRegularExpression>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tailscope::items {

/// Spans whose operation matches an expression and that pass the filter.
struct SpanMatches
{
    std::vector<std::uint8_t> operations; ///< per index of SpanColumns::operations: 1 = matches
    std::shared_ptr<const analysis::SpanBitmap> rows;
    std::uint32_t firstRow = 0, lastRow = 0; ///< the rows searched: [firstRow, lastRow)
    std::int64_t count = 0;
    double selfNs = 0,
           allSelfNs = 0; ///< self time of the matches and of all searched spans that pass the filter
};

/// Rows [first, last) of a track: they lie side by side in the columns.
std::pair<std::uint32_t, std::uint32_t> rowsOfTrack(const analysis::SpanColumns &columns,
    std::uint32_t track);

/// One pass over the columns; null when cancelled. track: only its rows.
std::shared_ptr<const SpanMatches> findSpans(const analysis::SpanColumns &columns,
    const QRegularExpression &expression, const analysis::SpanBitmap *filter,
    std::optional<std::uint32_t> track, const CancelToken &cancel);
/// The match after (before) the given row in the order of (start, row), wrapping around; fromRow kNoRow:
/// after (before) fromTime. kNoRow when nothing matches.
std::uint32_t nextMatch(const analysis::SpanColumns &columns, const SpanMatches &matches,
    std::uint32_t fromRow, Nanos fromTime, bool forward);

/// Search over the loaded spans by jobs; follows data and filter of the context. GUI thread.
class SpanSearch : public QObject
{
    Q_OBJECT
public:
    explicit SpanSearch(session::SessionContext *context, QObject *parent = nullptr);

    /// An empty pattern ends the search.
    void setExpression(const QRegularExpression &expression);
    void setTrack(std::optional<std::uint32_t> track);
    bool isActive() const { return !m_expression.pattern().isEmpty(); }
    bool isRunning() const { return m_matchJob.isRunning() || m_stepJob.isRunning(); }
    /// Null while the first result is on its way and when no search is on.
    std::shared_ptr<const SpanMatches> matches() const { return m_matches; }
    void step(std::uint32_t fromRow, Nanos fromTime, bool forward); ///< ends in found()

Q_SIGNALS:
    void changed();
    void found(quint32 row);

private:
    void restart();

    session::SessionContext *m_context;
    session::LatestJob m_matchJob, m_stepJob;
    QRegularExpression m_expression;
    std::optional<std::uint32_t> m_track;
    std::shared_ptr<const SpanMatches> m_matches;
};

} // namespace tailscope::items
