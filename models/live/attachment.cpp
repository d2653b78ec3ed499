// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/attachment.h"

#include "live/recorder.h"

#include <algorithm>
#include <utility>

namespace tailscope::live {

namespace {

/// Charts read series by time while they grow; for imports this index is made at their end
/// (store/readyindexes.sql).
Result<void> indexPoints(const store::Workspace &workspace)
{
    Result<store::Database> database = workspace.connectWriter();
    if (!database)
        return fail(database.error());
    TS_TRY(database->begin());
    Result<void> made
        = database->execute("CREATE INDEX IF NOT EXISTS point_raw_series ON point_raw (series_id, ts_ns)");
    if (!made) {
        database->rollback();
        return made;
    }
    return database->commit();
}

} // namespace

struct Attachment::Impl
{
    std::shared_ptr<const store::Workspace> workspace;
    std::unique_ptr<Recorder> recorder;
    std::unique_ptr<Sampler> sampler; // goes first: it calls the recorder
    bool isStopped = false;
};

Attachment::Attachment(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

/// "bench on db1:5432 and 2 more". Names of sources are shown from their last slash on: it has none.
static std::string nameOf(const std::vector<Target> &targets, bool hasOwnLabel)
{
    std::string name = targets.front().label;
    if (const std::size_t slash = name.rfind('/'); slash != std::string::npos && !hasOwnLabel) {
        std::string place = name.substr(0, slash);
        place.erase(0, place.rfind('/') + 1); // the folder of a socket
        name = name.substr(slash + 1) + (place.empty() ? "" : " on " + place);
    }
    if (targets.size() > 1)
        name += " and " + std::to_string(targets.size() - 1) + " more";
    return name;
}

Attachment::~Attachment() { (void)stop(); }

Result<std::unique_ptr<Attachment>> Attachment::start(std::shared_ptr<const store::Workspace> workspace,
    std::vector<Target> targets, const AttachOptions &options)
{
    if (targets.empty())
        return fail(ErrorCode::Usage, "attach", "no server is named", "Name a server to attach to.");
    const bool hasOwnLabel = !targets.front().label.empty();
    std::vector<std::string> labels;
    for (Target &target : targets) {
        if (target.label.empty())
            target.label = shortText(target);
        // Events and series name a server by its label.
        const std::string wanted = target.label;
        for (int n = 2; std::find(labels.begin(), labels.end(), target.label) != labels.end(); ++n)
            target.label = wanted + " (" + std::to_string(n) + ')';
        labels.push_back(target.label);
    }
    store::NewSource source;
    source.path = options.name.empty() ? nameOf(targets, hasOwnLabel) : options.name;
    source.format = "live";
    source.isRecording = true;
    TS_TRY(indexPoints(*workspace));
    Result<std::unique_ptr<store::BulkWriter>> writer
        = store::BulkWriter::create(*workspace, source, Progress{});
    if (!writer)
        return fail(std::move(writer.error()));
    auto impl = std::make_unique<Impl>();
    impl->workspace = workspace;
    Impl *place = impl.get();
    Recorder::Options recording;
    recording.labels = std::move(labels);
    recording.keepRaw = options.keepRaw;
    recording.keepMinutes = options.keepMinutes;
    recording.clientCpu = [place] {
        const std::vector<ServerStatus> servers = place->sampler->status();
        return servers.empty() ? 0 : servers.front().clientCpuShare;
    };
    impl->recorder
        = std::make_unique<Recorder>(std::move(workspace), std::move(*writer), std::move(recording));
    impl->sampler = std::make_unique<Sampler>(std::move(targets), options.sampling, *impl->recorder);
    impl->recorder->start();
    impl->sampler->start();
    return std::unique_ptr<Attachment>(new Attachment(std::move(impl)));
}

Sampler &Attachment::sampler() { return *m_impl->sampler; }

RecordingStatus Attachment::recording() const { return m_impl->recorder->status(); }

Result<void> Attachment::stop()
{
    if (std::exchange(m_impl->isStopped, true))
        return {};
    m_impl->sampler->stop();
    return m_impl->recorder->stop();
}

} // namespace tailscope::live
