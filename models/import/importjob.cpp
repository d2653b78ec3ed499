// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/importjob.h"

#include "base/log.h"
#include "base/text.h"
#include "import/accesslog/logformats.h"
#include "import/archive.h"
#include "import/common/timetext.h"
#include "import/csvtable/columnmaps.h"
#include "import/csvtable/tablepreview.h"
#include "import/diskspace.h"
#include "import/foreignformats.h"
#include "import/importrecord.h"
#include "import/rawfile.h"
#include "import/sha256.h"

#include <algorithm>
#include <chrono>

namespace tailscope::import {

namespace {

using Clock = std::chrono::steady_clock;

Nanos nowNs()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string knownFormats()
{
    std::string ids;
    for (const Importer *importer : builtinImporters()) {
        ids += ids.empty() ? "" : ", ";
        ids += importer->descriptor().id;
    }
    return ids;
}

std::string fileNameOf(const std::string &path)
{
    return path.substr(path.find_last_of('/') + 1); // npos + 1 is 0
}

std::string_view kindOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Cancelled:
        return "cancelled";
    case ErrorCode::LimitExceeded:
        return "limit-exceeded";
    case ErrorCode::NotReadable:
        return "read-error";
    default:
        return "broken-input";
    }
}

/// How the workspace remembers a file: to be found again from any folder. Standard input has a name only.
std::string storedPath(const std::filesystem::path &path, const std::string &name)
{
    if (path == "-")
        return name;
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(path, error);
    return error ? name : absolute.lexically_normal().string();
}

/// One import under way: reader, writer and what they leave behind.
struct Run
{
    store::Workspace &workspace;
    const ImportOptions &options;
    const Progress &progress;
    const Importer &importer;
    std::string path; ///< as it was given
    std::string shownPath; ///< of the source
    std::uint64_t estimatedBytes = 0;
    Clock::time_point start = Clock::now();
    ImportReport report;
    std::unique_ptr<store::BulkWriter> writer;
    store::BulkWriter::Ending ending;

    ~Run()
    {
        if (writer && options.ended)
            options.ended();
    }
    Result<void> open();
    void close(const Result<void> &read);
    Result<ImportOutcome> finish(const Result<void> &read);
};

Result<void> Run::open()
{
    const store::NewSource source{shownPath, std::string(importer.descriptor().id), options.resumeId};
    Result<std::unique_ptr<store::BulkWriter>> created
        = store::BulkWriter::create(workspace, source, progress);
    if (!created)
        return fail(std::move(created.error()));
    writer = std::move(*created);
    // Before the first row, so that the first picture has the right times.
    if (options.offsetNs != 0)
        TS_TRY(storeOffset(workspace, writer->sourceId(), options.offsetNs));
    if (options.started)
        options.started(*writer);
    return {};
}

/// Final state and the last remarks of the report.
void Run::close(const Result<void> &read)
{
    if (!read) {
        ending.state = read.error().code == ErrorCode::Cancelled ? store::SourceState::Cancelled
                                                                 : store::SourceState::Broken;
        const std::uint64_t offset = read.error().where ? read.error().where->offset.value_or(0) : 0;
        report.note(IssueSeverity::Error, kindOf(read.error().code), offset, read.error().toText());
    } else if (report.rowsRead() == 0) {
        report.note(IssueSeverity::Notice, "no-rows", 0, "nothing in the input could be taken as a row");
    }
    ending.rowsRead = report.rowsRead();
    ending.rowsSkipped = report.rowsSkipped();
    ending.importedAtNs = nowNs();
}

Result<ImportOutcome> Run::finish(const Result<void> &read)
{
    close(read);
    const std::int64_t sourceId = writer->sourceId();
    const Result<void> finished = writer->finish(ending);
    // The report is worth keeping even when the disk was full for rows: it says why they end.
    const Result<void> stored = storeReport(workspace, sourceId, report);
    if (!finished)
        return fail(finished.error());
    if (!read)
        return fail(read.error());
    if (!stored)
        return fail(stored.error());
    ImportOutcome outcome;
    outcome.sourceId = sourceId;
    outcome.path = path;
    outcome.format = importer.descriptor().id;
    outcome.rows = writer->rowsCommitted();
    outcome.rowsRead = ending.rowsRead;
    outcome.rowsSkipped = ending.rowsSkipped;
    outcome.bytes = static_cast<std::uint64_t>(ending.bytes);
    outcome.estimatedBytes = estimatedBytes;
    outcome.issues = report.issues();
    outcome.seconds = secondsSince(start);
    qCDebug(lcImport, "%s: %lld rows in %.2f s", path.c_str(), static_cast<long long>(outcome.rows),
        outcome.seconds);
    return outcome;
}

/// The source whose bytes and reading are the same; nullopt when there is none.
Result<std::optional<SameSize>> findSame(const store::Workspace &workspace, std::uint64_t bytes,
    const ImportOptions &options, const std::function<Result<std::string>()> &hash)
{
    // With another log format or map the same bytes are other rows.
    if (options.resumeId || bytes == 0 || !options.logFormat.empty() || !options.read.columnMap.empty())
        return std::optional<SameSize>();
    const Result<std::vector<SameSize>> candidates = sourcesOfSize(workspace, bytes);
    if (!candidates)
        return fail(candidates.error());
    if (candidates->empty())
        return std::optional<SameSize>();
    const Result<std::string> sha256 = hash();
    if (!sha256)
        return fail(sha256.error());
    const std::string zone = LocalClock(options.read).name();
    for (const SameSize &source : *candidates) {
        const bool otherFormat = !options.format.empty() && options.format != source.format;
        const bool otherZone = options.read.timezoneGiven && !source.timezone.empty()
            && source.timezone != "UTC" && source.timezone != zone;
        if (source.sha256 == *sha256 && !otherFormat && !otherZone)
            return std::optional(source);
    }
    return std::optional<SameSize>();
}

Result<ImportOutcome> duplicateOutcome(const store::Workspace &workspace, const std::string &path,
    const std::string &stored, const SameSize &original, std::uint64_t bytes, const ImportOptions &options,
    Clock::time_point start)
{
    const Result<std::int64_t> id = storeDuplicate(workspace, stored, original.id, nowNs());
    if (!id)
        return fail(id.error());
    ImportOutcome outcome;
    outcome.sourceId = *id;
    outcome.path = path;
    outcome.bytes = bytes;
    outcome.duplicateOf = original.id;
    if (options.offsetNs != 0 && options.offsetNs != original.offsetNs) {
        outcome.issues.push_back({IssueSeverity::Notice, "offset-ignored", 1, 0,
            "the offset of " + humanDuration(options.offsetNs)
                + " was not applied: the rows are those of source " + std::to_string(original.id)
                + ", whose offset is " + humanDuration(original.offsetNs)
                + "; align that source, or remove it and import again"});
    }
    outcome.seconds = secondsSince(start);
    return outcome;
}

/// What the source to go on with was read with, where nothing else is asked: the same rows must come again.
Result<ImportOptions> completed(const store::Workspace &workspace, ImportOptions options)
{
    if (!options.logFormat.empty() && options.format.empty())
        options.format = "access-log";
    if (!options.read.columnMap.empty() && options.format.empty())
        options.format = "csv-table";
    if (!options.resumeId)
        return options;
    const Result<std::vector<store::SourceRecord>> sources = workspace.sources();
    if (!sources)
        return fail(sources.error());
    for (const store::SourceRecord &source : *sources) {
        if (source.id != *options.resumeId)
            continue;
        if (options.format.empty())
            options.format = source.format;
        if (!options.read.timezoneGiven) {
            std::string map = std::move(options.read.columnMap);
            options.read = readOptionsOf(source.timezone);
            options.read.columnMap = std::move(map);
        }
    }
    return options;
}

/// A source row that points to the one with the same bytes; nothing when there is none.
Result<std::optional<ImportOutcome>> alreadyThere(const store::Workspace &workspace,
    const std::filesystem::path &path, std::uint64_t bytes, const ImportOptions &options,
    const Progress &progress, Clock::time_point start)
{
    const Result<std::optional<SameSize>> same = findSame(workspace, bytes, options, [&] {
        return sha256OfFile(
            path, [&] { return progress.isCancelled(); }, options.archive);
    });
    if (!same)
        return fail(same.error());
    if (!*same)
        return std::optional<ImportOutcome>();
    Result<ImportOutcome> outcome = duplicateOutcome(workspace, path.string(),
        storedPath(path, path.string()), **same, bytes, options, start);
    if (!outcome)
        return fail(std::move(outcome.error()));
    return std::optional(std::move(*outcome));
}

std::uint64_t sizeInArchive(const Archive &archive, const std::filesystem::path &path)
{
    const std::size_t index = archive.indexOf(Archive::splitPath(path).member);
    return index == std::string::npos ? 0 : archive.members()[index].size;
}

/// Checks the log format that was asked for and keeps it where its reader looks.
Result<void> keepLogFormat(const std::filesystem::path &path, const std::string &format)
{
    if (format.empty())
        return {};
    if (const auto compiled = accesslog::LogFormat::compile(format); !compiled)
        return fail(compiled.error());
    if (path == "-")
        return fail(ErrorCode::Usage, "--log-format", "standard input has no name to keep a log format for",
            "Put the line \"#log_format FORMAT\" in front of it.");
    return accesslog::rememberFormat(path, format);
}

/// Checks the map that was given and keeps it for tables with the same header.
Result<void> keepColumnMap(std::string_view prefix, const ImportOptions &options)
{
    if (options.read.columnMap.empty())
        return {};
    const Result<csvtable::ColumnMap> map = csvtable::ColumnMap::parse(options.read.columnMap, "column map");
    if (!map)
        return fail(map.error());
    const auto preview = csvtable::TablePreview::read(prefix, &*map);
    // Also by the line that is seen first where the map is not known yet.
    const auto bare = csvtable::TablePreview::read(prefix);
    if (bare && (!preview || bare->headerLine != preview->headerLine))
        TS_TRY(csvtable::rememberMap(bare->headerLine, *map));
    return preview ? csvtable::rememberMap(preview->headerLine, *map) : Result<void>();
}

/// Says what the import will need when that is much; an error when the disk has less.
Result<std::uint64_t> planSpace(const store::Workspace &workspace, const FileSource &source,
    const Importer &importer, const ImportOptions &options, const Progress &progress)
{
    const std::uint64_t estimate
        = estimateWorkspaceBytes(importer.descriptor().id, source.rawSize(), source.isCompressed());
    if (isBigImport(estimate)) {
        progress.update({"needs about " + humanBytes(estimate) + " of disk", 0, source.rawSize(), 0});
        if (options.estimated)
            options.estimated(estimate, freeDiskBytes(workspace.path()));
    }
    if (!options.ignoreSpace)
        TS_TRY(checkDiskSpace(workspace.path(), estimate));
    return estimate;
}

} // namespace

Result<const Importer *> chooseImporter(const std::string &format, std::string_view prefix,
    const std::string &path)
{
    if (!format.empty()) {
        if (const Importer *importer = importerById(format))
            return importer;
        return fail(ErrorCode::Usage, "--format " + format, "no such format",
            "Known formats: " + knownFormats() + '.');
    }
    const Importer *importer = sniffImporter(prefix, fileNameOf(path));
    // What is known by its magic is not left to a guess by shape.
    const bool sure = importer != nullptr && importer->sniff(prefix, fileNameOf(path)) >= Confidence::Strong;
    if (const ForeignFormat *foreign = sure ? nullptr : foreignFormat(prefix))
        return fail(ErrorCode::UnknownFormat, path,
            "this is " + std::string(foreign->what) + "; Tailscope does not read it",
            "Convert it with: " + std::string(foreign->convert) + ". Readable formats: " + knownFormats()
                + '.');
    if (importer != nullptr)
        return importer;
    return fail(ErrorCode::UnknownFormat, path, "no importer recognises its content",
        "Readable formats: " + knownFormats()
            + ". Name one with --format to insist, or convert the file to one of them.");
}

Result<ImportOutcome> importFile(store::Workspace &workspace, const std::filesystem::path &path,
    const ImportOptions &asked, const Progress &progress)
{
    const Clock::time_point start = Clock::now();
    const Result<ImportOptions> whatToDo = completed(workspace, asked);
    if (!whatToDo)
        return fail(whatToDo.error());
    const ImportOptions &options = *whatToDo;
    // The byte source knows bytes, the writer knows rows: one report has both.
    std::atomic<const store::BulkWriter *> rowSource{nullptr};
    Progress reading = progress;
    reading.report = [&](ProgressUpdate update) {
        if (const store::BulkWriter *writer = rowSource.load())
            update.rows = static_cast<std::uint64_t>(writer->rowsTaken());
        progress.update(update);
    };
    // The members of an archive are read through one handle: the hash first, then the rows.
    if (options.archive) {
        Result<std::optional<ImportOutcome>> same
            = alreadyThere(workspace, path, sizeInArchive(*options.archive, path), options, progress, start);
        if (!same)
            return fail(std::move(same.error()));
        if (*same)
            return std::move(**same);
    }
    Result<std::unique_ptr<FileSource>> opened = FileSource::open(path, reading, options.archive);
    if (!opened)
        return fail(std::move(opened.error()));
    TS_TRY(keepLogFormat(path, options.logFormat));
    FileSource &source = **opened;
    const std::string stored = storedPath(path, source.name());
    if (!options.archive && source.isRegularFile() && path != "-") {
        Result<std::optional<ImportOutcome>> same
            = alreadyThere(workspace, path, source.rawSize(), options, progress, start);
        if (!same)
            return fail(std::move(same.error()));
        if (*same)
            return std::move(**same);
    }
    const Result<std::string_view> prefix = source.peek(kSniffBytes);
    if (!prefix)
        return fail(prefix.error());
    if (prefix->empty())
        return fail(ErrorCode::BadInput, source.name(), "there is no data",
            "Check the program that wrote it.");
    const Result<const Importer *> importer = chooseImporter(options.format, *prefix, source.name());
    if (!importer)
        return fail(importer.error());
    // The map itself is checked by its reader; that it is kept for later tables is a convenience.
    const Result<void> kept
        = (*importer)->descriptor().id == "csv-table" ? keepColumnMap(*prefix, options) : Result<void>();
    const Result<std::uint64_t> estimate = planSpace(workspace, source, **importer, options, progress);
    if (!estimate)
        return fail(estimate.error());

    Run run{workspace, options, progress, **importer, source.name(), stored, *estimate, start, {}, nullptr,
        {}};
    TS_TRY(run.open());
    if (!kept)
        run.report.note(IssueSeverity::Notice, "map-not-kept", 0, kept.error().toText());
    rowSource.store(run.writer.get());
    source.setStopCheck([&run] { return run.writer->hasFailed(); });
    const Result<void> read = (*importer)->newReader(options.read)->read(source, *run.writer, run.report);
    Result<void> whole = read;
    if (read) {
        // A reader may stop early; the hash is of the whole file, and only its end tells of damage there.
        const Result<std::string> sha256 = source.sha256();
        if (sha256)
            run.ending.sha256 = *sha256;
        else
            whole = fail(sha256.error());
    }
    for (const SourceNote &note : source.notes())
        run.report.note(note.severity, note.kind, note.offset, note.example);
    run.ending.bytes
        = static_cast<std::int64_t>(source.rawSize() > 0 ? source.rawSize() : source.rawBytesRead());
    return run.finish(whole);
}

Result<ImportOutcome> importText(store::Workspace &workspace, const std::string &name,
    const std::string &text, const ImportOptions &asked, const Progress &progress)
{
    const Clock::time_point start = Clock::now();
    const Result<ImportOptions> whatToDo = completed(workspace, asked);
    if (!whatToDo)
        return fail(whatToDo.error());
    const ImportOptions &options = *whatToDo;
    if (trimmed(text).empty())
        return fail(ErrorCode::BadInput, name, "there is no text", "Paste the text first.");
    Sha256 hash;
    hash.add(text);
    const std::string sha256 = hash.takeHex();
    const Result<std::optional<SameSize>> same
        = findSame(workspace, text.size(), options, [&]() -> Result<std::string> { return sha256; });
    if (!same)
        return fail(same.error());
    if (*same)
        return duplicateOutcome(workspace, name, name, **same, text.size(), options, start);
    const Result<const Importer *> importer
        = chooseImporter(options.format, std::string_view(text).substr(0, kSniffBytes), name);
    if (!importer)
        return fail(importer.error());
    Run run{workspace, options, progress, **importer, name, name, 0, start, {}, nullptr, {}};
    TS_TRY(run.open());
    MemorySource source(text, name);
    const Result<void> read = (*importer)->newReader(options.read)->read(source, *run.writer, run.report);
    run.ending.sha256 = sha256;
    run.ending.bytes = static_cast<std::int64_t>(text.size());
    return run.finish(progress.isCancelled() ? fail(ErrorCode::Cancelled, name, "cancelled") : read);
}

} // namespace tailscope::import
