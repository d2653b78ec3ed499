// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/importjob.h"

#include "base/text.h"
#include "import/common/jsontext.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace tailscope::import {

namespace {

/// Lines of a mended list: a reject is at most 1 KiB when exported, but mending may add to it.
constexpr std::size_t kMaxLine = 1024 * 1024;
constexpr std::size_t kMaxTotal = 64 * 1024 * 1024;
/// Issue kind under which a reader leaves the head that every record of its format needs (a CSV header).
constexpr std::string_view kHeaderIssue = "header";

std::string rejectLine(const store::Statement &row)
{
    JsonText json;
    json.startObject();
    json.key("offset");
    json.integer(row.integer(0));
    json.key("length");
    json.integer(row.integer(1));
    json.key("kind");
    json.string(row.text(2));
    json.key("reason");
    json.string(row.text(3));
    const std::string_view bytes = row.blob(4);
    if (isValidUtf8(bytes)) {
        json.key("bytes");
        json.string(bytes);
    } else {
        json.key("bytes_base64");
        const QByteArray raw(bytes.data(), static_cast<qsizetype>(bytes.size()));
        json.string(raw.toBase64().toStdString());
    }
    if (static_cast<std::int64_t>(bytes.size()) < row.integer(1)) {
        json.key("truncated");
        json.boolean(true);
    }
    json.endObject();
    return json.text() + '\n';
}

Result<store::SourceRecord> findSource(const store::Workspace &workspace, std::int64_t sourceId)
{
    Result<std::vector<store::SourceRecord>> sources = workspace.sources();
    if (!sources)
        return fail(std::move(sources.error()));
    for (store::SourceRecord &source : *sources) {
        if (source.id == sourceId)
            return std::move(source);
    }
    return fail(ErrorCode::NotFound, "source " + std::to_string(sourceId), "the workspace has no such source",
        "List the sources of the workspace.");
}

Result<std::string> headerOf(const store::Workspace &workspace, std::int64_t sourceId)
{
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return fail(std::move(database.error()));
    Result<store::Statement> query
        = database->prepare("SELECT example FROM import_issue_raw WHERE source_id = ? AND kind = ?");
    if (!query)
        return fail(std::move(query.error()));
    query->bind(0, sourceId);
    query->bind(1, kHeaderIssue);
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    return *row ? std::string(query->text(0)) + '\n' : std::string();
}

/// The record of one line of a mended list; nullopt when the line gives none.
std::optional<std::string> recordOf(std::string_view line)
{
    QJsonParseError error{};
    const QByteArray bytes = QByteArray::fromRawData(line.data(), static_cast<qsizetype>(line.size()));
    const QJsonObject object = QJsonDocument::fromJson(bytes, &error).object();
    if (error.error != QJsonParseError::NoError || object.value(QLatin1String("truncated")).toBool())
        return std::nullopt;
    if (object.contains(QLatin1String("bytes")))
        return object.value(QLatin1String("bytes")).toString().toStdString();
    if (!object.contains(QLatin1String("bytes_base64")))
        return std::nullopt;
    const QByteArray encoded = object.value(QLatin1String("bytes_base64")).toString().toLatin1();
    return QByteArray::fromBase64(encoded).toStdString();
}

Result<std::string> joinRecords(const std::filesystem::path &mended, const FormatDescriptor &format,
    const Progress &progress, const std::string &header)
{
    const RecordJoin join = format.join;
    Result<std::unique_ptr<FileSource>> source = FileSource::open(mended, progress);
    if (!source)
        return fail(std::move(source.error()));
    LineReader lines(**source, kMaxLine);
    std::string text = join == RecordJoin::JsonArray ? "[\n" : header;
    std::size_t records = 0;
    Line line;
    while (lines.next(line)) {
        if (trimmed(line.text).empty())
            continue;
        const std::optional<std::string> record = line.tooLong ? std::nullopt : recordOf(line.text);
        if (!record)
            return fail(Error{ErrorCode::BadInput, mended.string(), "the line is no mended reject",
                Location{line.offset, line.number, std::nullopt},
                "Each line needs \"bytes\" and must not be \"truncated\": complete it or delete the line."});
        if (text.size() + record->size() > kMaxTotal)
            return fail(ErrorCode::LimitExceeded, mended.string(),
                "the list is longer than " + humanBytes(kMaxTotal), "Import it in parts.");
        if (join == RecordJoin::JsonArray && records > 0)
            text += ",\n";
        text += format.wrapRecord != nullptr ? format.wrapRecord(*record) : *record;
        if (join == RecordJoin::Lines)
            text += '\n';
        ++records;
    }
    TS_TRY(lines.result());
    if (records == 0)
        return fail(ErrorCode::BadInput, mended.string(), "the list holds no reject",
            "Export the rejects first.");
    if (join == RecordJoin::JsonArray)
        text += "\n]\n";
    return text;
}

} // namespace

Result<std::int64_t> writeRejects(const store::Workspace &workspace, std::int64_t sourceId,
    const std::function<bool(std::string_view)> &write)
{
    TS_TRY(findSource(workspace, sourceId));
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return fail(std::move(database.error()));
    Result<store::Statement> query
        = database->prepare("SELECT offset, length, kind, reason, bytes FROM import_reject_raw WHERE "
                            "source_id = ? ORDER BY offset, id");
    if (!query)
        return fail(std::move(query.error()));
    query->bind(0, sourceId);
    for (std::int64_t lines = 0;; ++lines) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return lines;
        if (!write(rejectLine(*query)))
            return fail(ErrorCode::NotReadable, "reject list", "cannot be written", "Choose another place.");
    }
}

Result<void> exportRejects(const store::Workspace &workspace, std::int64_t sourceId,
    const std::filesystem::path &out)
{
    QSaveFile file(QString::fromStdString(out.string()));
    bool good = file.open(QIODevice::WriteOnly);
    const Result<std::int64_t> written = writeRejects(workspace, sourceId, [&](std::string_view line) {
        good = good && file.write(line.data(), qint64(line.size())) == qint64(line.size());
        return good;
    });
    if (!written && good)
        return fail(written.error());
    if (!good || !file.commit())
        return fail(ErrorCode::NotReadable, out.string(),
            "cannot be written: " + file.errorString().toStdString(), "Choose another folder.");
    return {};
}

Result<ImportOutcome> reimportRejects(store::Workspace &workspace, std::int64_t sourceId,
    const std::filesystem::path &mended, const Progress &progress)
{
    const Result<store::SourceRecord> source = findSource(workspace, sourceId);
    if (!source)
        return fail(source.error());
    const Importer *importer = importerById(source->format);
    if (importer == nullptr)
        return fail(ErrorCode::UnknownFormat, source->path,
            "its format \"" + source->format + "\" has no importer", "Import the records by hand.");
    const Result<std::string> header = headerOf(workspace, sourceId);
    if (!header)
        return fail(header.error());
    const Result<std::string> text = joinRecords(mended, importer->descriptor(), progress, *header);
    if (!text)
        return fail(text.error());
    ImportOptions options;
    options.format = source->format;
    options.offsetNs = source->offsetNs;
    options.read = readOptionsOf(source->timezone);
    return importText(workspace, "source " + std::to_string(sourceId) + ", mended: " + source->path, *text,
        options, progress);
}

} // namespace tailscope::import
