// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/exportselection.h"

#include "analysis/rowscan.h"
#include "analysis/spancolumns.h"
#include "analysis/spanscan.h"
#include "report/exportotlp.h"
#include "report/exportrows.h"
#include "session/ingest.h"
#include "store/bulkwriter.h"
#include "store/sampling.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

namespace tailscope::report {

namespace {

namespace fs = std::filesystem;
using analysis::kNoRow;
using analysis::SpanColumns;

Error cancelled() { return Error{ErrorCode::Cancelled, "export", "the export was cancelled", {}, {}}; }

/// A span that goes out, and the root of the tree it is part of.
struct Chosen
{
    std::int64_t id = 0, root = 0;
};

std::uint32_t rootOf(const SpanColumns &columns, std::uint32_t row, std::vector<std::uint32_t> &known)
{
    std::vector<std::uint32_t> way;
    std::uint32_t at = row;
    // A cycle of a hostile file ends where it comes back.
    while (known[at] == kNoRow && columns.parent[at] != kNoRow && way.size() < columns.size()) {
        way.push_back(at);
        at = columns.parent[at];
    }
    const std::uint32_t root = known[at] != kNoRow ? known[at] : at;
    known[at] = root;
    for (const std::uint32_t step : way)
        known[step] = root;
    return root;
}

Result<std::vector<bool>> namedTraces(store::Database &reader, const SpanColumns &columns,
    const std::vector<std::string> &keys)
{
    std::vector<bool> named(columns.traceIds.size(), keys.empty());
    for (const std::string &key : keys) {
        Result<store::Statement> rows
            = reader.prepare("SELECT id FROM trace WHERE trace_key = ?1 OR trace_key = lower(?1)");
        if (!rows)
            return tl::unexpected(std::move(rows.error()));
        rows->bind(0, std::string_view(key));
        bool found = false;
        for (;;) {
            const Result<bool> row = rows->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            const std::int64_t id = rows->integer(0);
            const auto place = std::lower_bound(columns.traceIds.begin(), columns.traceIds.end(), id);
            if (place != columns.traceIds.end() && *place == id) {
                named[std::size_t(place - columns.traceIds.begin())] = true;
                found = true;
            }
        }
        if (!found)
            return fail(ErrorCode::NotFound, key, "no trace has this key",
                "SELECT trace_key FROM trace lists them.");
    }
    return named;
}

/// Whole traces and trees of the spans that are chosen, by id.
Result<std::vector<Chosen>> choose(store::Database &reader, const SpanColumns &columns,
    const ExportOrder &order, const Progress &progress, ExportOutcome &outcome)
{
    analysis::SpanSelection selection;
    selection.range = order.range;
    auto passing = analysis::evaluateFilter(columns, order.filter, progress);
    if (!passing)
        return tl::unexpected(std::move(passing.error()));
    selection.filter = std::move(*passing);
    const Result<std::vector<bool>> named = namedTraces(reader, columns, order.traceKeys);
    if (!named)
        return tl::unexpected(named.error());
    std::vector<bool> traces(columns.traceIds.size(), false), roots(columns.size(), false);
    std::vector<std::uint32_t> rootOfRow(columns.size(), kNoRow);
    const analysis::RowScan scan(columns, selection);
    for (int part = 0; part < scan.parts(); ++part) {
        scan.forEachBlock(part, progress.cancel, [&](const std::uint32_t *rows, std::size_t n) {
            for (std::size_t i = 0; i < n; ++i) {
                const std::uint32_t trace = columns.trace[rows[i]];
                if (trace < traces.size())
                    traces[trace] = traces[trace] || (*named)[trace];
                else if (order.traceKeys.empty())
                    roots[rootOf(columns, rows[i], rootOfRow)] = true;
            }
        });
    }
    if (progress.isCancelled())
        return tl::unexpected(cancelled());
    std::vector<Chosen> chosen;
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        const std::uint32_t trace = columns.trace[row];
        const std::uint32_t root = rootOf(columns, row, rootOfRow);
        if (trace < traces.size() ? traces[trace] : roots[root])
            chosen.push_back({columns.id(row), columns.id(root)});
    }
    outcome.traces = std::count(traces.begin(), traces.end(), true);
    outcome.spans = std::int64_t(chosen.size());
    std::sort(chosen.begin(), chosen.end(), [](const Chosen &a, const Chosen &b) { return a.id < b.id; });
    return chosen;
}

/// The chosen spans of one source.
struct SourcePart
{
    analysis::ScanSource scan;
    store::SourceRecord record;
    double probability = 0; ///< as stated; 0 = nothing
    std::vector<Chosen> spans;
};

Result<std::vector<SourcePart>> bySource(store::Database &reader, const store::Workspace &workspace,
    const std::vector<Chosen> &chosen)
{
    const auto scans = analysis::visibleSources(reader);
    if (!scans)
        return tl::unexpected(scans.error());
    const auto records = workspace.sources();
    if (!records)
        return tl::unexpected(records.error());
    const auto runs = analysis::idRuns(reader, *scans, store::Family::Span);
    if (!runs)
        return tl::unexpected(runs.error());
    const auto stated = store::statedSampling(reader);
    if (!stated)
        return tl::unexpected(stated.error());
    std::vector<SourcePart> parts(scans->size());
    for (std::size_t i = 0; i < scans->size(); ++i) {
        parts[i].scan = (*scans)[i];
        for (const store::SourceRecord &record : *records) {
            if (record.id == parts[i].scan.id)
                parts[i].record = record;
        }
        if (const auto said = stated->find(parts[i].scan.id); said != stated->end())
            parts[i].probability = said->second;
    }
    for (const analysis::IdRun &run : *runs) {
        const auto less = [](const Chosen &span, std::int64_t id) { return span.id < id; };
        const auto first = std::lower_bound(chosen.begin(), chosen.end(), run.first, less);
        const auto last = std::lower_bound(first, chosen.end(), run.first + run.count, less);
        parts[run.source].spans.insert(parts[run.source].spans.end(), first, last);
    }
    std::erase_if(parts, [](const SourcePart &part) { return part.spans.empty(); });
    return parts;
}

/// Writes the rows of one source as a reader would emit them.
class SourceCopier
{
public:
    SourceCopier(ExportReader &reader, RowSink &sink, Nanos offset)
        : m_reader(reader)
        , m_sink(sink)
        , m_offset(offset)
    {}

    Result<void> copy(std::int64_t id)
    {
        const Result<ExportSpan> span = m_reader.span(id);
        if (!span)
            return tl::unexpected(span.error());
        SpanRow row;
        const auto track = trackOf(span->track);
        if (!track)
            return tl::unexpected(track.error());
        row.track = *track;
        const auto trace = traceOf(span->trace);
        if (!trace)
            return tl::unexpected(trace.error());
        row.trace = *trace;
        const auto resource = setOf(span->resourceSet), scope = setOf(span->scopeSet);
        if (!resource || !scope)
            return tl::unexpected(resource ? scope.error() : resource.error());
        row.resource = *resource;
        row.scope = *scope;
        row.key = span->key.view();
        row.parentKey = span->parentKey.view();
        row.operation = span->operation;
        row.category = span->category;
        row.kind = span->kind;
        row.status = span->status;
        row.httpStatus = span->httpStatus;
        row.startNs = saturatingAdd(span->start, m_offset);
        row.durationNs = span->duration;
        row.quality = span->quality;
        const std::vector<Attribute> attributes = viewsOf(span->attributes);
        row.attributes = attributes;
        const SpanRef written = m_sink.span(row);
        TS_TRY(copyEvents(id, written, *track));
        return copyLinks(id, written);
    }

private:
    Result<void> copyEvents(std::int64_t id, SpanRef span, TrackRef track)
    {
        const auto events = m_reader.events(id);
        if (!events)
            return tl::unexpected(events.error());
        for (const ExportEvent &event : *events) {
            SpanEventRow row;
            if (event.isOnTrack)
                row.track = track;
            else
                row.span = span;
            row.tsNs = saturatingAdd(event.ts, m_offset);
            row.name = event.name;
            const std::vector<Attribute> attributes = viewsOf(event.attributes);
            row.attributes = attributes;
            m_sink.spanEvent(row);
        }
        return {};
    }
    Result<void> copyLinks(std::int64_t id, SpanRef span)
    {
        const auto links = m_reader.links(id);
        if (!links)
            return tl::unexpected(links.error());
        for (const ExportLink &link : *links) {
            SpanLinkRow row;
            row.span = span;
            row.linkedTraceKey = link.traceKey;
            row.linkedSpanKey = link.spanKey.view();
            const std::vector<Attribute> attributes = viewsOf(link.attributes);
            row.attributes = attributes;
            m_sink.spanLink(row);
        }
        return {};
    }
    Result<TrackRef> trackOf(std::int64_t id)
    {
        if (const auto known = m_tracks.find(id); known != m_tracks.end())
            return known->second;
        const Result<ExportTrack> track = m_reader.track(id);
        if (!track)
            return tl::unexpected(track.error());
        TrackRow row{track->process, track->thread, track->service, track->instance, track->processSort,
            track->threadSort, track->shape};
        return m_tracks[id] = id == 0 ? TrackRef::None : m_sink.track(row);
    }
    Result<TraceRef> traceOf(std::int64_t id)
    {
        if (id == 0)
            return TraceRef::None;
        if (const auto known = m_traces.find(id); known != m_traces.end())
            return known->second;
        const Result<ExportTrace> trace = m_reader.trace(id);
        if (!trace)
            return tl::unexpected(trace.error());
        if (!trace->isBytes)
            return m_traces[id] = m_sink.trace(std::string_view(trace->key));
        unsigned char key[16];
        std::copy(trace->key.begin(), trace->key.end(), key);
        return m_traces[id] = m_sink.trace(key);
    }
    Result<SetRef> setOf(std::int64_t id)
    {
        if (id == 0)
            return SetRef::None;
        if (const auto known = m_sets.find(id); known != m_sets.end())
            return known->second;
        const Result<ExportAttributes> set = m_reader.attributeSet(id);
        if (!set)
            return tl::unexpected(set.error());
        return m_sets[id] = m_sink.attributeSet(viewsOf(*set));
    }

    ExportReader &m_reader;
    RowSink &m_sink;
    Nanos m_offset;
    std::unordered_map<std::int64_t, TrackRef> m_tracks;
    std::unordered_map<std::int64_t, TraceRef> m_traces;
    std::unordered_map<std::int64_t, SetRef> m_sets;
};

Result<std::int64_t> copySource(const SourcePart &part, ExportReader &reader, const store::Workspace &target,
    const Progress &progress)
{
    // The folder a file came from is nobody's business but its user's.
    const std::string name = fs::path(part.record.path).filename().string();
    auto writer = store::BulkWriter::create(target, {name, part.record.format, std::nullopt}, progress);
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    SourceInfo info;
    info.clock = part.scan.isAligned       ? ClockKind::Utc
        : part.record.clock == "monotonic" ? ClockKind::Monotonic
        : part.record.clock == "relative"  ? ClockKind::Relative
                                           : ClockKind::None;
    info.timezone = part.record.timezone;
    (*writer)->setSource(info);
    SourceCopier copier(reader, **writer, part.scan.offsetNs);
    for (std::size_t i = 0; i < part.spans.size(); ++i) {
        if (i % 1024 == 0 && (progress.isCancelled() || (*writer)->hasFailed()))
            break;
        TS_TRY(copier.copy(part.spans[i].id));
    }
    if (progress.isCancelled())
        return tl::unexpected(cancelled());
    store::BulkWriter::Ending ending;
    ending.rowsRead = (*writer)->rowsTaken();
    ending.importedAtNs = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch())
                              .count();
    const std::int64_t id = (*writer)->sourceId();
    TS_TRY((*writer)->finish(ending));
    if (part.probability > 0)
        TS_TRY(store::stateSampling(target, id, part.probability));
    return id;
}

Result<void> toWorkspace(const std::vector<SourcePart> &parts, ExportReader &reader, const fs::path &target,
    const Progress &progress)
{
    auto made = store::Workspace::open(target);
    if (!made)
        return tl::unexpected(std::move(made.error()));
    std::vector<std::int64_t> ids;
    for (const SourcePart &part : parts) {
        const Result<std::int64_t> id = copySource(part, reader, **made, progress);
        if (!id)
            return tl::unexpected(id.error());
        ids.push_back(*id);
    }
    return session::refresh(**made, ids, true, progress);
}

Result<void> toOtlp(const std::vector<SourcePart> &parts, ExportReader &reader, const fs::path &target,
    const Progress &progress)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(target.c_str(), "wb"),
        std::fclose);
    if (!file)
        return fail(ErrorCode::DiskFull, target.string(), "the file cannot be written",
            "Choose a folder that you may write to.");
    OtlpWriter writer(file.get(), reader);
    for (const SourcePart &part : parts) {
        for (std::size_t i = 0; i < part.spans.size(); ++i) {
            if (i % 1024 == 0 && progress.isCancelled())
                return tl::unexpected(cancelled());
            Result<ExportSpan> span = reader.span(part.spans[i].id);
            if (!span)
                return tl::unexpected(std::move(span.error()));
            TS_TRY(writer.add(*span, part.spans[i].root, part.probability, part.scan.offsetNs));
        }
    }
    TS_TRY(writer.flush());
    if (std::fflush(file.get()) != 0)
        return fail(ErrorCode::DiskFull, target.string(), "the file could not be written",
            "Make room on the disk.");
    return {};
}

bool isWorkspace(const std::string &path) { return path.ends_with(".tailscope"); }

} // namespace

bool isExportTarget(const std::string &path)
{
    return isWorkspace(path) || path.ends_with(".otlp.jsonl") || path.ends_with(".jsonl");
}

Result<ExportOutcome> exportSelection(const store::Workspace &workspace, const ExportOrder &order,
    const fs::path &target, const Progress &progress)
{
    std::error_code ignored;
    if (fs::equivalent(workspace.path(), target, ignored))
        return fail(ErrorCode::Usage, target.string(), "this is the workspace itself",
            "Export into another file.");
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    const auto columns = SpanColumns::load(workspace, progress);
    if (!columns)
        return tl::unexpected(columns.error());
    ExportOutcome outcome;
    const auto chosen = choose(*reader, **columns, order, progress, outcome);
    if (!chosen)
        return tl::unexpected(chosen.error());
    if (chosen->empty())
        return fail(ErrorCode::NotFound, "export", "no span is in the range and passes the filter",
            "Widen the range or the filter.");
    const auto parts = bySource(*reader, workspace, *chosen);
    if (!parts)
        return tl::unexpected(parts.error());
    outcome.sources = std::int64_t(parts->size());
    auto rows = ExportReader::prepare(*reader, order.keepLiterals);
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    progress.update({"exporting", 0, 0, 0});
    // Written beside the target and moved over it when complete.
    const fs::path part = target.parent_path() / (".partial-" + target.filename().string());
    const auto removePart = [&part] {
        std::error_code gone;
        for (const char *tail : {"", "-wal", "-shm"})
            fs::remove(fs::path(part.string() + tail), gone);
    };
    removePart();
    const Result<void> written = isWorkspace(target.string()) ? toWorkspace(*parts, *rows, part, progress)
                                                              : toOtlp(*parts, *rows, part, progress);
    if (!written) {
        removePart();
        return tl::unexpected(written.error());
    }
    std::error_code problem;
    fs::rename(part, target, problem);
    if (problem) {
        removePart();
        return fail(ErrorCode::DiskFull, target.string(), problem.message(), "Choose another file.");
    }
    return outcome;
}

} // namespace tailscope::report
