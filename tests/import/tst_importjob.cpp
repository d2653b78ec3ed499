// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/diskspace.h"
#include "import/importjob.h"
#include "support/importhelpers.h"

#include <QTemporaryDir>
#include <QtTest>

#include <zlib.h>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

/// QVERIFY for a Result, with its message.
#define TS_OK(expr)                                                                                          \
    do {                                                                                                     \
        const auto &tsResult = (expr);                                                                       \
        QVERIFY2(tsResult.has_value(), tsResult.has_value() ? "" : tsResult.error().toText().c_str());       \
    } while (false)

namespace {

std::string gzipped(const std::string &text)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

/// A series of `count` points, about 40 bytes each.
std::string csv(int count)
{
    std::string text = "ts,series,labels,value\n";
    for (int i = 0; i < count; ++i)
        text += std::to_string(1772452800 + i) + ",cpu,host=a;core=" + std::to_string(i % 8) + ','
            + std::to_string(i) + '\n';
    return text;
}

std::string rows(const store::Workspace &workspace, std::string_view sql)
{
    auto database = workspace.connectReader();
    auto statement = database ? database->prepare(sql) : Result<store::Statement>(fail(database.error()));
    if (!statement)
        return "ERROR: " + statement.error().toText();
    std::string out;
    for (;;) {
        const auto row = statement->step();
        if (!row)
            return "ERROR: " + row.error().toText();
        if (!*row)
            return out;
        for (int column = 0; column < statement->columnCount(); ++column) {
            out += column > 0 ? "|" : out.empty() ? "" : " / ";
            out += statement->isNull(column) ? "NULL" : std::string(statement->text(column));
        }
    }
}

} // namespace

class TestImportJob : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void importsAFile();
    void storesIssuesAndRejects();
    void noticesSameBytes();
    void readsSameBytesAnotherWay();
    void refusesWhatNobodyReads();
    void refusesUnknownFormats();
    void tellsMissingAndEmptyFiles();
    void keepsRowsOfATruncatedFile();
    void hidesABrokenSource();
    void cancelsAndResumes();
    void noticesAFileThatChanges();
    void reportsProgress();
    void importsText();
    void appliesTheOffset();
    void tellsOfAnOffsetThatSameBytesIgnore();
    void resumesInTheTimeZoneOfTheFirstTry();
    void remembersWhereTheFileLies();
    void tellsWhenThereAreNoRows();
    void goesOnAfterABadFile();
    void estimatesSpace();
    void importsTheCorpusOfCollapsedStacks();

private:
    QString write(const char *name, const std::string &bytes)
    {
        const QString path = m_directory->filePath(QString::fromLatin1(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return {};
        file.write(bytes.data(), static_cast<qint64>(bytes.size()));
        return path;
    }
    Result<ImportOutcome> import(const char *name, const std::string &bytes,
        const ImportOptions &options = {}, const Progress &progress = {})
    {
        return importFile(*m_workspace, write(name, bytes).toStdString(), options, progress);
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<store::Workspace> m_workspace;
};

void TestImportJob::init()
{
    m_workspace.reset();
    m_directory = std::make_unique<QTemporaryDir>();
    auto workspace = store::Workspace::temporary();
    TS_OK(workspace);
    m_workspace = std::move(*workspace);
}

void TestImportJob::importsAFile()
{
    const std::string text = "a;b 1\na;c 2\nbad\n";
    const auto outcome = import("x.collapsed", text);
    TS_OK(outcome);
    QCOMPARE(outcome->format, "collapsed"s);
    QCOMPARE(outcome->rowsRead, std::int64_t{2});
    QCOMPARE(outcome->rowsSkipped, std::int64_t{1});
    QCOMPARE(outcome->bytes, std::uint64_t{text.size()});
    QVERIFY(outcome->rows >= 2);
    QVERIFY(!outcome->duplicateOf);
    QCOMPARE(outcome->issues.size(), std::size_t{1});
    QCOMPARE(rows(*m_workspace,
                 "SELECT format, kind, state, bytes, rows_read, rows_skipped, length(sha256), clock,"
                 " imported_at_ns > 1700000000000000000 FROM source"),
        "collapsed|profile|complete|"s + std::to_string(text.size()) + "|2|1|64|none|1");
    QCOMPARE(rows(*m_workspace, "SELECT total_weight FROM profile"), "3.0"s);
}

void TestImportJob::storesIssuesAndRejects()
{
    const auto outcome = import("x.collapsed", "a;b 1\nbad\nworse\n\xFF\xFE\nc 2\nd 3\ne 4\nf 5\n");
    TS_OK(outcome);
    QCOMPARE(rows(*m_workspace, "SELECT severity, kind, count, first_offset FROM import_issue ORDER BY kind"),
        "notice|bad-utf8|1|16 / data_loss|no-weight|3|6"s);
    QCOMPARE(rows(*m_workspace, "SELECT offset, length, kind, hex(bytes) FROM import_reject ORDER BY offset"),
        "6|3|no-weight|626164 / 10|5|no-weight|776F727365 / 16|2|no-weight|FFFE"s);
}

void TestImportJob::noticesSameBytes()
{
    const std::string text = csv(100);
    const auto first = import("a.csv", text);
    TS_OK(first);
    const auto second = import("b.csv", text);
    TS_OK(second);
    QCOMPARE(second->duplicateOf.value_or(-1), first->sourceId);
    QCOMPARE(second->rows, std::int64_t{0});
    // A third one points to the original, not to the copy.
    const auto third = import("c.csv", text);
    TS_OK(third);
    QCOMPARE(third->duplicateOf.value_or(-1), first->sourceId);
    QCOMPARE(rows(*m_workspace, "SELECT count(*) FROM point"), "100"s);
    QCOMPARE(rows(*m_workspace, "SELECT count(*), count(duplicate_of), count(DISTINCT sha256) FROM source"),
        "3|2|1"s);
    // As many bytes, but others.
    std::string other = text;
    other[other.size() - 2] = '8';
    const auto fourth = import("d.csv", other);
    TS_OK(fourth);
    QVERIFY(!fourth->duplicateOf);
}

void TestImportJob::readsSameBytesAnotherWay()
{
    const std::string text = "ts,series,value\n2026-03-02 12:00:00,cpu,1\n";
    TS_OK(import("a.csv", text));
    // The same file with its real time zone is another reading.
    ImportOptions options;
    options.read.timezoneGiven = true;
    options.read.timezoneOffsetSeconds = 7200;
    const auto zoned = import("a.csv", text, options);
    TS_OK(zoned);
    QVERIFY(!zoned->duplicateOf);
    const auto again = import("a.csv", text, options);
    TS_OK(again);
    QVERIFY(again->duplicateOf.has_value());
    ImportOptions asStacks;
    asStacks.format = "collapsed";
    const auto other = import("a.csv", text, asStacks);
    TS_OK(other);
    QVERIFY(!other->duplicateOf);
}

void TestImportJob::refusesWhatNobodyReads()
{
    const auto outcome = import("x.dat",
        "\x7F"
        "ELF and so on, this is a program\n");
    QVERIFY(!outcome);
    QCOMPARE(int(outcome.error().code), int(ErrorCode::UnknownFormat));
    QVERIFY(outcome.error().subject.find("x.dat") != std::string::npos);
    QVERIFY(outcome.error().detail.find("program") != std::string::npos);
    QVERIFY(outcome.error().hint.find("csv-series") != std::string::npos);
    // Nothing is left behind.
    QCOMPARE(m_workspace->sources()->size(), std::size_t{0});
}

void TestImportJob::refusesUnknownFormats()
{
    ImportOptions options;
    options.format = "no-such-format";
    const auto outcome = import("x.csv", csv(1), options);
    QVERIFY(!outcome);
    QCOMPARE(int(outcome.error().code), int(ErrorCode::Usage));
    QVERIFY(outcome.error().hint.find("collapsed") != std::string::npos);
}

void TestImportJob::tellsMissingAndEmptyFiles()
{
    const auto missing
        = importFile(*m_workspace, m_directory->filePath(QStringLiteral("none")).toStdString(), {}, {});
    QVERIFY(!missing);
    QCOMPARE(int(missing.error().code), int(ErrorCode::NotFound));
    QVERIFY(!import("empty", ""));
    // Compressed nothing is nothing too.
    const auto empty = import("empty.gz", gzipped(""));
    QVERIFY(!empty);
    QCOMPARE(int(empty.error().code), int(ErrorCode::BadInput));
    QCOMPARE(m_workspace->sources()->size(), std::size_t{0});
}

void TestImportJob::keepsRowsOfATruncatedFile()
{
    const std::string whole = gzipped(csv(20'000));
    const auto outcome = import("x.csv.gz", whole.substr(0, whole.size() / 2));
    TS_OK(outcome);
    QVERIFY(outcome->rows > 5'000);
    QVERIFY(outcome->rows < 20'000);
    QCOMPARE(rows(*m_workspace,
                 "SELECT severity, count FROM import_issue WHERE kind = 'truncated-compression'"),
        "data_loss|1"s);
    QCOMPARE(outcome->bytes, std::uint64_t{whole.size() / 2});
}

void TestImportJob::hidesABrokenSource()
{
    std::string broken = gzipped(csv(50'000));
    for (std::size_t i = broken.size() / 2; i < broken.size() / 2 + 64; ++i)
        broken[i] = static_cast<char>(~broken[i]);
    const auto outcome = import("x.csv.gz", broken);
    QVERIFY(!outcome);
    QCOMPARE(int(outcome.error().code), int(ErrorCode::BadInput));
    QCOMPARE(rows(*m_workspace, "SELECT count(*) FROM source"), "0"s);
    QCOMPARE(rows(*m_workspace, "SELECT count(*) FROM point"), "0"s);
    const auto sources = m_workspace->sources();
    TS_OK(sources);
    QCOMPARE(sources->size(), std::size_t{1});
    QCOMPARE(int(sources->at(0).state), int(store::SourceState::Broken));
    QVERIFY(sources->at(0).rowsCommitted > 0);
    // Kept as partial it shows, and says why it ends.
    TS_OK(m_workspace->keepPartial(sources->at(0).id));
    QVERIFY(rows(*m_workspace, "SELECT count(*) FROM point") != "0");
    QCOMPARE(rows(*m_workspace, "SELECT severity, kind FROM import_issue WHERE severity = 'error'"),
        "error|broken-input"s);
}

void TestImportJob::cancelsAndResumes()
{
    const std::string text = csv(200'000);
    Progress progress;
    const CancelToken cancel = progress.cancel;
    progress.report = [&](const ProgressUpdate &update) {
        if (update.done > 3'000'000)
            cancel.cancel();
    };
    const auto cancelled = import("x.csv", text, {}, progress);
    QVERIFY(!cancelled);
    QCOMPARE(int(cancelled.error().code), int(ErrorCode::Cancelled));
    const auto sources = m_workspace->sources();
    TS_OK(sources);
    QCOMPARE(sources->size(), std::size_t{1});
    QCOMPARE(int(sources->at(0).state), int(store::SourceState::Cancelled));
    QCOMPARE(rows(*m_workspace, "SELECT count(*) FROM source"), "0"s);

    ImportOptions options;
    options.resumeId = sources->at(0).id;
    const auto resumed = import("x.csv", text, options);
    TS_OK(resumed);
    QCOMPARE(resumed->sourceId, sources->at(0).id);
    QCOMPARE(rows(*m_workspace, "SELECT count(*), sum(value), state FROM point, source"),
        "200000|19999900000.0|complete"s);
    // Issues of the first try do not stay.
    QCOMPARE(rows(*m_workspace, "SELECT count(*) FROM import_issue WHERE severity = 'error'"), "0"s);
}

void TestImportJob::noticesAFileThatChanges()
{
    const QString path = write("x.csv", csv(200'000));
    Progress progress;
    bool appended = false;
    progress.report = [&](const ProgressUpdate &) {
        if (appended)
            return;
        appended = true;
        QFile file(path);
        if (file.open(QIODevice::Append))
            file.write("1772452800,late,,1\n");
    };
    const auto outcome = importFile(*m_workspace, path.toStdString(), {}, progress);
    QVERIFY(appended);
    QVERIFY(!outcome);
    QVERIFY(outcome.error().detail.find("changed") != std::string::npos);
    QCOMPARE(int(m_workspace->sources()->at(0).state), int(store::SourceState::Broken));
}

void TestImportJob::reportsProgress()
{
    const std::string text = csv(200'000);
    std::vector<ProgressUpdate> updates;
    Progress progress;
    progress.report = [&](const ProgressUpdate &update) { updates.push_back(update); };
    ImportOptions options;
    std::int64_t started = 0;
    options.started = [&](const store::BulkWriter &writer) { started = writer.sourceId(); };
    const auto outcome = import("x.csv", text, options, progress);
    TS_OK(outcome);
    QCOMPARE(started, outcome->sourceId);
    std::uint64_t done = 0, most = 0;
    for (const ProgressUpdate &update : updates) {
        if (update.phase != "reading")
            continue;
        QVERIFY(update.done >= done);
        QCOMPARE(update.total, std::uint64_t{text.size()});
        done = update.done;
        most = std::max(most, update.rows);
    }
    QCOMPARE(done, std::uint64_t{text.size()});
    QVERIFY(most > 100'000);
}

void TestImportJob::importsText()
{
    const auto outcome = importText(*m_workspace, "clipboard", "a;b 1\na;c 2\n", {}, {});
    TS_OK(outcome);
    QCOMPARE(rows(*m_workspace, "SELECT path, format, rows_read FROM source"), "clipboard|collapsed|2"s);
    const auto again = importText(*m_workspace, "clipboard", "a;b 1\na;c 2\n", {}, {});
    TS_OK(again);
    QVERIFY(again->duplicateOf.has_value());
    QVERIFY(!importText(*m_workspace, "clipboard", " \n ", {}, {}));
    QCOMPARE(int(importText(*m_workspace, "clipboard", "just words\n", {}, {}).error().code),
        int(ErrorCode::UnknownFormat));
    Progress cancelled;
    cancelled.cancel.cancel();
    QVERIFY(!importText(*m_workspace, "clipboard", "x;y 1\n", {}, cancelled));
}

void TestImportJob::appliesTheOffset()
{
    ImportOptions options;
    options.offsetNs = 5'000'000'000;
    TS_OK(import("x.csv", "ts,series,value\n1772452800,cpu,1\n", options));
    QCOMPARE(rows(*m_workspace, "SELECT offset_ns, offset_method FROM source"), "5000000000|user"s);
    QCOMPARE(rows(*m_workspace, "SELECT ts_ns FROM point"), "1772452805000000000"s);
}

void TestImportJob::tellsOfAnOffsetThatSameBytesIgnore()
{
    const std::string text = "ts,series,value\n1772452800,cpu,1\n";
    TS_OK(import("x.csv", text));
    ImportOptions options;
    options.offsetNs = 5'000'000'000;
    const auto again = import("y.csv", text, options);
    TS_OK(again);
    QVERIFY(again->duplicateOf.has_value());
    QCOMPARE(again->issues.size(), std::size_t{1});
    QCOMPARE(again->issues.front().kind, "offset-ignored"s);
    QVERIFY(again->issues.front().example.find("source 1") != std::string::npos);
    options.offsetNs = 0;
    QVERIFY(import("z.csv", text, options)->issues.empty());
}

void TestImportJob::resumesInTheTimeZoneOfTheFirstTry()
{
    std::string text = "ts,series,value\n";
    for (int i = 0; i < 200'000; ++i) {
        char line[64];
        std::snprintf(line, sizeof line, "2026-03-02 %02d:%02d:%02d,cpu,%d\n", i / 3600 % 24, i / 60 % 60,
            i % 60, i);
        text += line;
    }
    ImportOptions options;
    options.read.timezoneGiven = true;
    for (const char *zone : {"Europe/Paris", "+05:30"}) {
        init();
        options.read.timezoneName = *zone == '+' ? "" : zone;
        options.read.timezoneOffsetSeconds = *zone == '+' ? 19'800 : 0;
        Progress progress;
        const CancelToken cancel = progress.cancel;
        progress.report = [&](const ProgressUpdate &update) {
            if (update.done > 3'000'000)
                cancel.cancel();
        };
        QVERIFY(!import("x.csv", text, options, progress));
        QVERIFY(rows(*m_workspace, "SELECT rows_committed > 0, timezone FROM source_raw") == "1|"s + zone);
        ImportOptions resume;
        resume.resumeId = m_workspace->sources()->at(0).id;
        TS_OK(import("x.csv", text, resume));
        QCOMPARE(rows(*m_workspace, "SELECT count(*), min(ts_ns) FROM point"),
            *zone == '+' ? "200000|1772389800000000000"s : "200000|1772406000000000000"s);
    }
}

void TestImportJob::remembersWhereTheFileLies()
{
    const QString folder = QDir::currentPath();
    write("x.collapsed", "a;b 1\n");
    QVERIFY(QDir::setCurrent(m_directory->path()));
    const auto outcome = importFile(*m_workspace, "./x.collapsed", {}, {});
    QVERIFY(QDir::setCurrent(folder));
    TS_OK(outcome);
    QCOMPARE(outcome->path, "./x.collapsed"s);
    const std::filesystem::path path = m_workspace->sources()->at(0).path;
    QVERIFY(path.is_absolute());
    QCOMPARE(path.filename().string(), "x.collapsed"s);
    QVERIFY(std::filesystem::exists(path));
}

void TestImportJob::tellsWhenThereAreNoRows()
{
    // Others show an empty window and exit with success.
    const auto outcome = import("x.csv", "ts,series,value\n");
    TS_OK(outcome);
    QCOMPARE(outcome->rows, std::int64_t{0});
    QVERIFY(std::any_of(outcome->issues.begin(), outcome->issues.end(),
        [](const auto &issue) { return issue.kind == "no-rows"; }));
}

void TestImportJob::goesOnAfterABadFile()
{
    QVERIFY(!import("a.dat", "nobody reads this\n"));
    TS_OK(import("b.collapsed", "a;b 1\n"));
    QCOMPARE(rows(*m_workspace, "SELECT count(*) FROM source"), "1"s);
}

void TestImportJob::estimatesSpace()
{
    const std::uint64_t plain = estimateWorkspaceBytes("chrome-trace", 1'000'000);
    QVERIFY(plain > 300'000 && plain < 3'000'000);
    QVERIFY(estimateWorkspaceBytes("chrome-trace", 1'000'000, true) > 5 * plain);
    QVERIFY(estimateWorkspaceBytes("no-such-format", 1'000'000) > 0);
    QCOMPARE(estimateWorkspaceBytes("chrome-trace", std::numeric_limits<std::uint64_t>::max(), true),
        std::numeric_limits<std::uint64_t>::max());
    const std::filesystem::path path = m_directory->filePath(QStringLiteral("w.tailscope")).toStdString();
    TS_OK(checkDiskSpace(path, 1000));
    const auto full = checkDiskSpace(path, std::numeric_limits<std::uint64_t>::max());
    QVERIFY(!full);
    QCOMPARE(int(full.error().code), int(ErrorCode::DiskFull));
    QVERIFY(!full.error().hint.empty());
    // A big import says before its first row what it will need; the guess may be overruled.
    ImportOptions options;
    std::uint64_t needed = 0;
    options.ignoreSpace = true;
    options.estimated = [&](std::uint64_t bytes, std::optional<std::uint64_t> free) {
        needed = bytes;
        QVERIFY(free.has_value());
        QCOMPARE(rows(*m_workspace, "SELECT count(*) FROM source_raw"), "0"s);
    };
    const auto small = import("small.csv", csv(10), options);
    TS_OK(small);
    QCOMPARE(needed, std::uint64_t{0});
    m_workspace = std::move(*store::Workspace::temporary());
    std::string sparse = "a;b 1\n"; // and comments, which cost little to read
    for (int line = 0; line < 1200; ++line)
        sparse += '#' + std::string(100'000, ' ') + '\n';
    const auto big = import("big.collapsed", sparse, options);
    TS_OK(big);
    QVERIFY(needed > 64u << 20);
    QCOMPARE(big->estimatedBytes, needed);
    // A disk that does not tell is tried.
    TS_OK(checkDiskSpace("/no/such/folder/w.tailscope", std::numeric_limits<std::uint64_t>::max()));
}

void TestImportJob::importsTheCorpusOfCollapsedStacks()
{
    const QDir folder(QStringLiteral(TS_SHARED_DIR "/corpus/traces/collapsed"));
    if (!folder.exists())
        QSKIP("the corpus is not beside the checkout");
    for (const QString &name : folder.entryList(QDir::Files, QDir::Name)) {
        const auto outcome = importFile(*m_workspace, folder.filePath(name).toStdString(), {}, {});
        TS_OK(outcome);
        QCOMPARE(outcome->format, "collapsed"s);
    }
    QCOMPARE(rows(*m_workspace,
                 "SELECT count(*) FROM profile AS p WHERE total_weight <>"
                 " (SELECT sum(self_weight) FROM call_node AS c WHERE c.profile_id = p.id)"),
        "0"s);
}

QTEST_GUILESS_MAIN(TestImportJob)
#include "tst_importjob.moc"
