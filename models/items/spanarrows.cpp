// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/spanarrows.h"

#include "store/database.h"

#include <algorithm>
#include <deque>
#include <set>

namespace tailscope::items {

namespace {

struct Found
{
    std::vector<SpanArrow> arrows;
    bool isTruncated = false;
};

SpanArrow arrow(const analysis::SpanColumns &columns, std::uint32_t a, std::uint32_t b, bool isLink)
{
    const bool forward = columns.start[a] <= columns.start[b];
    return {forward ? a : b, forward ? b : a, isLink};
}

// Calls that leave the track: both ways, one step.
void addCalls(const analysis::SpanColumns &columns, std::uint32_t row, Found &found, const Progress &progress)
{
    const std::uint32_t parent = columns.parent[row];
    if (parent < columns.size() && columns.track[parent] != columns.track[row])
        found.arrows.push_back({parent, row, false});
    // Children are not indexed; one pass over the parents of ten million spans takes a few milliseconds.
    for (std::uint32_t child = 0; child < columns.size(); ++child) {
        if (columns.parent[child] != row || columns.track[child] == columns.track[row])
            continue;
        if (found.arrows.size() >= SpanArrows::kMaxArrows) {
            found.isTruncated = true;
            return;
        }
        found.arrows.push_back({row, child, false});
        if (progress.isCancelled())
            return;
    }
}

Result<Found> load(const store::Workspace &workspace, const analysis::SpanColumns &columns, std::uint32_t row,
    const Progress &progress)
{
    Found found;
    addCalls(columns, row, found, progress);
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    auto links = reader->prepare("SELECT linked_span_id FROM span_link WHERE span_id = ?1 AND linked_span_id"
                                 " IS NOT NULL UNION SELECT span_id FROM span_link WHERE linked_span_id = ?1"
                                 " AND span_id IS NOT NULL LIMIT 201");
    if (!links)
        return tl::unexpected(std::move(links.error()));
    std::set<std::uint32_t> seen{row};
    std::set<std::pair<std::uint32_t, std::uint32_t>> drawn;
    std::deque<std::uint32_t> todo{row};
    while (!todo.empty() && !progress.isCancelled()) {
        const std::uint32_t at = todo.front();
        todo.pop_front();
        links->reset();
        links->bind(0, columns.id(at));
        for (;;) {
            const Result<bool> more = links->step();
            if (!more)
                return tl::unexpected(more.error());
            if (!*more)
                break;
            const std::uint32_t other = columns.rowOfId(links->integer(0));
            if (other == analysis::kNoRow || other == at)
                continue;
            const SpanArrow next = arrow(columns, at, other, true);
            if (!drawn.emplace(next.from, next.to).second)
                continue;
            if (found.arrows.size() >= SpanArrows::kMaxArrows) {
                found.isTruncated = true;
                return found;
            }
            found.arrows.push_back(next);
            if (seen.insert(other).second)
                todo.push_back(other);
        }
    }
    return found;
}

} // namespace

SpanArrows::SpanArrows(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
{
    connect(session->context(), &session::SessionContext::selectionChanged, this, &SpanArrows::reload);
    connect(session->context(), &session::SessionContext::dataChanged, this, &SpanArrows::reload);
}

void SpanArrows::reload()
{
    const session::Selection selection = m_session->context()->selection();
    const auto columns = m_session->context()->columns();
    const auto workspace = m_session->workspacePtr();
    const std::uint32_t row = selection.kind == session::Selection::Kind::Span && columns
        ? columns->rowOfId(selection.id)
        : analysis::kNoRow;
    if (row == analysis::kNoRow || !workspace) {
        m_job.cancel();
        take({}, false);
        return;
    }
    m_job.start<Found>(
        this, {},
        [workspace, columns, row](
            const Progress &progress) { return load(*workspace, *columns, row, progress); },
        [this](Result<Found> found) {
            if (found)
                take(std::move(found->arrows), found->isTruncated);
        });
}

void SpanArrows::take(std::vector<SpanArrow> arrows, bool isTruncated)
{
    if (arrows == m_arrows && isTruncated == m_isTruncated)
        return;
    m_arrows = std::move(arrows);
    m_isTruncated = isTruncated;
    Q_EMIT changed();
}

} // namespace tailscope::items
