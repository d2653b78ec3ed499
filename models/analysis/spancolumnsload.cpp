// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/hugepages.h"
#include "analysis/idindex.h"
#include "analysis/lanecounts.h"
#include "analysis/rowscan.h"
#include "analysis/spancolumns.h"
#include "analysis/spanindex.h"
#include "analysis/spannames.h"
#include "analysis/spanscan.h"
#include "store/sampling.h"

#include <cstring>
#include <limits>
#include <map>
#include <utility>

namespace tailscope::analysis {

/// Fills SpanColumns from a workspace: one scan in order of ids into the final arrays, then a sort by (track,
/// lane, start) that moves one column at a time, so that little more than the result is ever in memory.
class SpanColumnsLoader
{
public:
    SpanColumnsLoader(const store::Workspace &workspace, const Progress &progress)
        : m_workspace(workspace)
        , m_progress(progress)
        , m_columns(new SpanColumns)
    {}

    Result<std::shared_ptr<const SpanColumns>> run()
    {
        Result<store::Database> database = m_workspace.connectReader();
        if (!database)
            return tl::unexpected(std::move(database.error()));
        database->setCancel(m_progress.cancel);
        const Result<std::int64_t> generation = m_workspace.generation("span");
        if (!generation)
            return tl::unexpected(generation.error());
        m_columns->generation = *generation;
        TS_TRY(readSmallTables(*database));
        if (std::uint64_t(rowsOf(m_runs)) >= kNoRow - 2)
            return fail(ErrorCode::LimitExceeded, database->path().string(),
                "there are more than 4 billion spans", "Split the sources over several workspaces.");
        TS_TRY(scan());
        TS_TRY(nameOperations(*database));
        sortRows();
        connectParents();
        if (m_progress.isCancelled())
            return fail(ErrorCode::Cancelled, database->path().string(), "cancelled while loading spans");
        return std::shared_ptr<const SpanColumns>(std::move(m_columns));
    }

private:
    struct PerPart
    {
        std::size_t next = 0; // where the next row goes
        LaneCounts lanes; // rows
        Nanos first = std::numeric_limits<Nanos>::max(), last = std::numeric_limits<Nanos>::min();
    };

    Result<void> readSmallTables(store::Database &database)
    {
        Result<std::vector<ScanSource>> sources = visibleSources(database);
        if (!sources)
            return tl::unexpected(std::move(sources.error()));
        Result<std::vector<IdRun>> runs = idRuns(database, *sources, store::Family::Span);
        if (!runs)
            return tl::unexpected(std::move(runs.error()));
        SourceChoice choice = chooseSources(*sources, *runs);
        m_sources = std::move(choice.sources);
        m_runs = std::move(choice.runs);
        m_columns->unaligned = std::move(choice.unaligned);
        Result<std::vector<TrackInfo>> tracks = readTracks(database, m_sources);
        if (!tracks)
            return tl::unexpected(std::move(tracks.error()));
        m_columns->tracks = std::move(*tracks);
        m_trackPlaces = TrackPlaces(m_columns->tracks);
        return readTraces(database);
    }

    Result<void> readTraces(store::Database &database)
    {
        Result<store::Statement> statement
            = database.prepare("SELECT t.id, c.weight, t.source_id FROM trace_raw AS t"
                               " LEFT JOIN trace_calc AS c ON c.id = t.id ORDER BY t.id");
        if (!statement)
            return tl::unexpected(std::move(statement.error()));
        const Result<std::map<std::int64_t, double>> stated = store::statedSampling(database);
        if (!stated)
            return tl::unexpected(stated.error());
        bool anyWeight = false;
        std::vector<float> weights;
        for (;;) {
            const Result<bool> row = statement->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            m_columns->traceIds.push_back(statement->integer(0));
            double weight = statement->real(1); // NaN for NULL
            if (!stated->empty() && statement->isNull(1)) {
                if (const auto said = stated->find(statement->integer(2)); said != stated->end())
                    weight = 1 / said->second;
            }
            const bool usable = weight > 0 && weight < 1e30;
            weights.push_back(usable ? float(weight) : std::numeric_limits<float>::quiet_NaN());
            anyWeight |= usable && weight != 1;
        }
        if (anyWeight)
            m_columns->traceWeight = std::move(weights);
        m_traces = IdIndex(m_columns->traceIds);
        return {};
    }

    std::uint32_t trackOf(const ScannedSpan &span) const
    {
        const std::uint32_t track = m_trackPlaces.find(span.track);
        // Spans without a track get one per source behind the others.
        return track != kNoRow ? track : std::uint32_t(m_columns->tracks.size() + span.source);
    }

    Result<void> scan()
    {
        SpanScan scan(m_workspace, m_sources, m_runs);
        const auto rows = std::size_t(scan.rows());
        SpanColumns &c = *m_columns;
        resizeHuge(c.start, rows);
        resizeHuge(c.duration, rows);
        resizeHuge(c.self, rows);
        resizeHuge(c.operation, rows);
        resizeHuge(c.track, rows);
        resizeHuge(c.trace, rows);
        resizeHuge(c.parent, rows);
        resizeHuge(c.spanId, rows);
        resizeHuge(c.depth, rows);
        resizeHuge(c.kind, rows);
        resizeHuge(c.status, rows);
        resizeHuge(c.httpStatus, rows);
        resizeHuge(m_lane, rows);
        c.spanIdBase = m_runs.empty() ? 0 : m_runs.front().first;
        std::int64_t lastId = c.spanIdBase;
        for (const IdRun &run : m_runs)
            lastId = std::max(lastId, run.first + run.count);
        if (lastId - c.spanIdBase >= std::int64_t(kNoRow))
            return fail(ErrorCode::LimitExceeded, m_workspace.path().string(),
                "the ids of the spans are too far apart", "Import the files into a new workspace.");

        m_parts.resize(std::size_t(scan.parts()));
        m_names = std::make_unique<OperationNames>(scan.parts());
        for (std::size_t part = 0; part < m_parts.size(); ++part) {
            m_parts[part].lanes = LaneCounts(c.tracks.size() + m_sources.size());
            m_parts[part].next = part == 0 ? 0 : std::size_t(scan.rowsOfPart(0));
        }
        TS_TRY(scan.run(m_progress, "loading spans",
            [this](int part, const ScannedSpan &span) { take(part, span); }));
        m_ends.clear();
        for (const PerPart &part : m_parts)
            m_ends.push_back(part.next);
        m_firstOfSecond = m_parts.size() > 1 ? std::size_t(scan.rowsOfPart(0)) : rows;
        return {};
    }

    void take(int part, const ScannedSpan &span)
    {
        PerPart &own = m_parts[std::size_t(part)];
        SpanColumns &c = *m_columns;
        const std::size_t row = own.next++;
        const std::uint32_t track = trackOf(span);
        c.start[row] = span.start;
        c.duration[row] = span.duration;
        c.self[row] = span.self;
        c.operation[row] = m_names->mark(part, span);
        c.track[row] = track;
        c.trace[row] = span.trace > 0 ? m_traces.find(span.trace) : kNoRow;
        const std::int64_t parent = span.parent - c.spanIdBase;
        c.parent[row] = span.parent > 0 && parent >= 0 && parent < std::int64_t(kNoRow)
            ? std::uint32_t(parent)
            : kNoRow;
        c.spanId[row] = std::uint32_t(span.id - c.spanIdBase);
        c.depth[row] = span.depth;
        c.kind[row] = span.kind;
        c.status[row] = span.status;
        c.httpStatus[row] = span.httpStatus;
        m_lane[row] = span.lane;
        ++own.lanes.at(track, span.lane);
        if (!m_sources[span.source].isOnAxis)
            return; // its times would stretch the range over decades
        own.first = std::min(own.first, span.start);
        own.last = std::max(own.last,
            span.duration == kUnknownNanos ? saturatingAdd(span.start, 1)
                                           : saturatingAdd(span.start, std::max<Nanos>(1, span.duration)));
    }

    Result<void> nameOperations(store::Database &database)
    {
        Result<std::vector<std::string>> names = m_names->resolve(database);
        if (!names)
            return tl::unexpected(std::move(names.error()));
        m_columns->operations = std::move(*names);
        forRows([this](std::size_t first, std::size_t last) {
            for (std::size_t row = first; row < last; ++row)
                m_columns->operation[row] = m_names->indexOf(m_columns->operation[row]);
        });
        m_names.reset();
        return {};
    }

    // The filled rows of both parts, each on its thread.
    template<typename Body>
    void forRows(Body &&body)
    {
        runParts(int(m_ends.size()),
            [&](int part) { body(part == 0 ? 0 : m_firstOfSecond, m_ends[std::size_t(part)]); });
    }

    void sortRows()
    {
        SpanColumns &c = *m_columns;
        // Where each lane begins, then the rows of each lane in order of ids.
        LaneCounts next = std::move(m_parts[0].lanes);
        TimeRange range{m_parts[0].first, m_parts[0].last};
        for (std::size_t part = 1; part < m_parts.size(); ++part) {
            range = {std::min(range.begin, m_parts[part].first), std::max(range.end, m_parts[part].last)};
            m_parts[part].lanes.forEach([&next](std::uint32_t track, std::uint16_t lane,
                                            std::uint32_t count) { next.at(track, lane) += count; });
        }
        m_parts.clear();
        std::uint32_t rows = 0;
        next.forEach([&](std::uint32_t track, std::uint16_t lane, std::uint32_t &number) {
            if (number > 0)
                c.lanes.push_back({track, lane, rows, number});
            rows += std::exchange(number, rows);
        });
        c.range = rows == 0 || range.isEmpty() ? TimeRange() : range;
        addNamelessTracks();

        resizeHuge(m_order, rows);
        for (std::size_t part = 0; part < m_ends.size(); ++part) {
            for (std::size_t row = part == 0 ? 0 : m_firstOfSecond; row < m_ends[part]; ++row)
                m_order[next.at(c.track[row], m_lane[row])++] = std::uint32_t(row);
        }
        m_lane = {};
        sortLanes();
        moveColumns();
    }

    void addNamelessTracks()
    {
        const std::size_t named = m_columns->tracks.size();
        if (m_columns->lanes.empty() || m_columns->lanes.back().track < named)
            return;
        for (const ScanSource &source : m_sources) {
            TrackInfo track;
            track.sourceId = source.id;
            track.shape = std::uint8_t(TrackRow::Shape::Async);
            m_columns->tracks.push_back(std::move(track));
        }
    }

    // Rows come nearly always in order of time within a lane: only lanes that are not are sorted.
    void sortLanes()
    {
        const SpanColumns &c = *m_columns;
        std::atomic<std::size_t> nextLane{0};
        runParts(c.size() > 100'000 ? 2 : 1, [&](int) {
            struct Key
            {
                Nanos start;
                std::uint32_t row;
            };
            std::vector<Key> keys;
            for (std::size_t i = nextLane++; i < c.lanes.size() && !m_progress.isCancelled();
                 i = nextLane++) {
                const auto begin = m_order.begin() + c.lanes[i].first;
                const auto end = begin + c.lanes[i].count;
                // Instants before what begins with them: a search by time then finds the one that lasts.
                const auto less = [&c](std::uint32_t a, std::uint32_t b) {
                    return c.start[a] != c.start[b] ? c.start[a] < c.start[b] : c.duration[a] < c.duration[b];
                };
                if (std::is_sorted(begin, end, less))
                    continue;
                keys.clear();
                for (auto row = begin; row != end; ++row)
                    keys.push_back({c.start[*row], *row});
                std::sort(keys.begin(), keys.end(), [&c](const Key &a, const Key &b) {
                    if (a.start != b.start)
                        return a.start < b.start;
                    const Nanos left = c.duration[a.row], right = c.duration[b.row];
                    return left != right ? left < right : a.row < b.row;
                });
                std::transform(keys.begin(), keys.end(), begin, [](const Key &key) { return key.row; });
            }
        });
    }

    void moveColumns()
    {
        SpanColumns &c = *m_columns;
        std::vector<std::uint64_t> buffer;
        resizeHuge(buffer, m_order.size());
        move(c.start, buffer);
        move(c.duration, buffer);
        move(c.self, buffer);
        move(c.operation, buffer);
        move(c.track, buffer);
        move(c.trace, buffer);
        move(c.parent, buffer);
        move(c.spanId, buffer);
        move(c.depth, buffer);
        move(c.kind, buffer);
        move(c.status, buffer);
        move(c.httpStatus, buffer);
        m_order = {};
    }

    template<typename T>
    void move(std::vector<T> &column, std::vector<std::uint64_t> &buffer)
    {
        T *out = reinterpret_cast<T *>(buffer.data());
        const std::size_t rows = m_order.size();
        const int parts = rows > 100'000 ? 2 : 1;
        const auto half = [&](int part) { return part == parts ? rows : rows / 2 * std::size_t(part); };
        runParts(parts, [&](int part) {
            for (std::size_t i = half(part); i < half(part + 1); ++i)
                out[i] = column[m_order[i]];
        });
        column.resize(rows);
        if (rows > 0)
            std::memcpy(column.data(), out, rows * sizeof(T));
    }

    void connectParents()
    {
        SpanColumns &c = *m_columns;
        SpanIdIndex index(c.spanId);
        for (std::uint32_t &parent : c.parent)
            parent = parent == kNoRow ? kNoRow : index.rowOf(parent);
        c.adoptIndex(std::move(index));
    }

    const store::Workspace &m_workspace;
    const Progress &m_progress;
    std::shared_ptr<SpanColumns> m_columns;
    std::vector<ScanSource> m_sources;
    std::vector<IdRun> m_runs;
    TrackPlaces m_trackPlaces;
    IdIndex m_traces;
    std::unique_ptr<OperationNames> m_names;
    std::vector<PerPart> m_parts;
    std::vector<std::size_t> m_ends; // behind the last filled row of each part
    std::size_t m_firstOfSecond = 0;
    std::vector<std::uint16_t> m_lane;
    std::vector<std::uint32_t> m_order;
};

Result<std::shared_ptr<const SpanColumns>> SpanColumns::load(const store::Workspace &workspace,
    const Progress &progress)
{
    return SpanColumnsLoader(workspace, progress).run();
}

} // namespace tailscope::analysis
