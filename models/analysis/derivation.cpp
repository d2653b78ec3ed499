// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/derivation.h"

#include "analysis/calcresults.h"
#include "analysis/calcstore.h"
#include "analysis/derivescan.h"
#include "analysis/overviewbuilder.h"
#include "analysis/rowscan.h"
#include "analysis/spanlinker.h"
#include "analysis/spanstream.h"
#include "analysis/tracecalc.h"

namespace tailscope::analysis {

namespace {

constexpr std::size_t kScanBudget = 48u << 20;
constexpr std::size_t kResultBudget = 24u << 20;
constexpr std::string_view kSpilledIssue = "spilled";

class Derivation
{
public:
    Derivation(const store::Workspace &workspace, store::Database &database, const DeriveSource &source,
        const DeriveOptions &options, const Progress &progress)
        : m_database(database)
        , m_source(source)
        , m_options(options)
        , m_progress(progress)
        , m_folder(workspace.path().parent_path())
        , m_scan(workspace, source, std::size_t(source.spans.size() / options.spansPerGroup + 1), kScanBudget)
        , m_linked(m_folder, source.sliceCount(), kScanBudget / 2)
        , m_traces(m_folder, std::size_t(source.traces.size() / TraceCalcWriter::kBucket + 1),
              kScanBudget / 4)
        , m_stream(source.shapes.size(), std::size_t(source.spans.size()))
    {}

    Result<DeriveOutcome> run()
    {
        TS_TRY(m_scan.run(m_progress));
        if (m_options.makeOverview)
            TS_TRY(beginOverview());
        m_stream.overview = m_overview.get();
        m_stream.bind = [this](StreamRecord::Type type, const BindingRecord &binding) {
            (type == StreamRecord::Type::Instant ? m_instants : m_flows).push_back(binding);
        };
        CalcStore writer(m_database, m_source, m_progress);
        if (m_options.storeRows)
            TS_TRY(writer.clear());
        TS_TRY(link());
        if (m_options.storeRows)
            TS_TRY(streamAndStore(writer));
        else
            TS_TRY(streamOnly());
        DeriveOutcome outcome;
        outcome.stats = writer.stats();
        outcome.stats.orphans = m_linker.counts().orphans;
        outcome.stats.cycles = m_linker.counts().cycles;
        outcome.stats.spilled = m_stream.spilled();
        outcome.stats.boundEvents = std::int64_t(m_instants.size());
        if (m_overview)
            outcome.overview = m_overview->finish(std::move(m_operationNames), m_tracks, m_trackOrdinals);
        if (!m_options.storeRows)
            return outcome;
        TS_TRY(TraceCalcWriter(m_database, m_source).write(m_traces, m_progress));
        m_flows.insert(m_flows.end(), m_scan.boundFlows().begin(), m_scan.boundFlows().end());
        const Result<std::int64_t> links = writer.writeBindings(std::move(m_instants), m_flows);
        if (!links)
            return tl::unexpected(links.error());
        outcome.stats.links = *links;
        TS_TRY(tellSpilled(outcome.stats.spilled));
        return outcome;
    }

private:
    /// The report of the import says what deriving found: its issue is replaced, so that deriving again says
    /// the same.
    Result<void> tellSpilled(std::int64_t count)
    {
        TS_TRY(m_database.begin());
        const Result<void> told = replaceSpilledIssue(count);
        if (!told) {
            m_database.rollback();
            return told;
        }
        return m_database.commit();
    }

    Result<void> replaceSpilledIssue(std::int64_t count)
    {
        Result<store::Statement> remove
            = m_database.prepare("DELETE FROM import_issue_raw WHERE source_id = ? AND kind = ?");
        if (!remove)
            return tl::unexpected(std::move(remove.error()));
        remove->bind(0, m_source.id);
        remove->bind(1, kSpilledIssue);
        TS_TRY(remove->run());
        if (count == 0)
            return {};
        // Where in the file a span stood is not kept: the place is unknown, which NULL says.
        Result<store::Statement> insert
            = m_database.prepare("INSERT INTO import_issue_raw (source_id, severity, kind, count, example)"
                                 " VALUES (?, 'notice', ?, ?, ?)");
        if (!insert)
            return tl::unexpected(std::move(insert.error()));
        insert->bind(0, m_source.id);
        insert->bind(1, kSpilledIssue);
        insert->bind(2, count);
        insert->bind(3,
            std::string_view(
                "spans overlap a neighbour on their thread in part, which nesting does not allow: "
                "they were kept on an extra lane"));
        return insert->run();
    }

    tl::unexpected<Error> cancelled() const
    {
        return fail(ErrorCode::Cancelled, m_database.path().string(), "cancelled while deriving spans",
            "Derive the source again when there is time.");
    }

    Result<void> beginOverview()
    {
        Result<std::vector<std::string>> names = m_scan.operations().resolve(m_database);
        if (!names)
            return tl::unexpected(std::move(names.error()));
        m_operationNames = std::move(*names);
        Result<std::vector<TrackInfo>> tracks = readTracks(m_database, {{m_source.id, 0, true}});
        if (!tracks)
            return tl::unexpected(std::move(tracks.error()));
        m_tracks = std::move(*tracks);
        m_tracks.emplace_back(); // spans without a track
        std::vector<std::string> services(m_source.shapes.size());
        for (const TrackInfo &track : m_tracks) {
            m_trackOrdinals.push_back(m_source.trackOf(track.id));
            services[m_trackOrdinals.back()] = track.service;
        }
        m_overview = std::make_unique<OverviewBuilder>(m_scan.range(), m_scan.operations(), services,
            m_scan.spansPerTrack());
        return {};
    }

    // Parents by key, group by group of traces.
    Result<void> link()
    {
        m_linker.overview = m_overview.get();
        m_linker.emit
            = [this](const StreamRecord &record) { m_linked.add(m_source.sliceOf(record.start), record); };
        m_linker.emitTrace = [this](const TraceRecord &trace) {
            m_traces.add(trace.trace / TraceCalcWriter::kBucket, trace);
        };
        std::vector<LinkRecord> records;
        for (std::size_t group = 0; group < m_scan.groupCount(); ++group) {
            if (m_scan.sizeOfGroup(group) == 0)
                continue;
            if (m_progress.isCancelled())
                return cancelled();
            records.clear();
            TS_TRY(m_scan.takeGroup(group, records));
            m_linker.process(records);
            TS_TRY(m_linked.status());
            TS_TRY(m_traces.status());
            m_progress.update({"linking spans", group + 1, m_scan.groupCount(), 0});
        }
        m_linker.release();
        return {};
    }

    // One thread runs along the time, this one writes what it finds.
    Result<void> streamAndStore(CalcStore &writer)
    {
        CalcResults results(m_folder, m_scan.spansPerBucket(), DeriveScan::kBucket, kResultBudget);
        m_stream.emit = [&results](const CalcRecord &record) { results.add(record); };
        Result<void> stored;
        runParts(2, [&](int part) {
            if (part == 0) {
                results.finish(stream([&results] { return results.isStopped(); }));
            } else {
                stored = writer.writeSpans(results);
                if (!stored)
                    results.stop();
            }
        });
        return stored;
    }

    Result<void> streamOnly()
    {
        m_stream.emit = [](const CalcRecord &) {};
        return stream([] { return false; });
    }

    template<typename IsStopped>
    Result<void> stream(IsStopped &&isStopped)
    {
        std::vector<StreamRecord> slice;
        for (std::size_t i = 0; i < m_source.sliceCount(); ++i) {
            if (m_progress.isCancelled() || isStopped())
                return cancelled();
            slice.clear();
            TS_TRY(m_scan.takeSlice(i, slice));
            TS_TRY(m_linked.take(i, slice));
            m_stream.feed(slice);
        }
        m_stream.finish();
        return {};
    }

    store::Database &m_database;
    const DeriveSource &m_source;
    const DeriveOptions m_options;
    const Progress &m_progress;
    std::filesystem::path m_folder;
    DeriveScan m_scan;
    SpanLinker m_linker;
    SpillBuckets<StreamRecord> m_linked;
    SpillBuckets<TraceRecord> m_traces;
    SpanStream m_stream;
    std::vector<BindingRecord> m_instants, m_flows;
    std::unique_ptr<OverviewBuilder> m_overview;
    std::vector<std::string> m_operationNames;
    std::vector<TrackInfo> m_tracks;
    std::vector<std::uint32_t> m_trackOrdinals;
};

} // namespace

Result<DeriveOutcome> derive(const store::Workspace &workspace, std::int64_t sourceId,
    const DeriveOptions &options, const Progress &progress)
{
    Result<store::Database> database
        = options.storeRows ? workspace.connectWriter() : workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    database->setCancel(progress.cancel);
    const Result<DeriveSource> source = DeriveSource::read(*database, sourceId, options.spansPerSlice);
    if (!source)
        return tl::unexpected(source.error());
    return Derivation(workspace, *database, *source, options, progress).run();
}

} // namespace tailscope::analysis
