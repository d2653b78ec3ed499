// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Archives as the window and the command line open them, and joins after it.
#include "session/ingest.h"

#include <cstdio>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using session::IngestResult;

namespace {

std::string entry(const std::string &name, const std::string &content, char type = '0')
{
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, const std::string &text) { header.replace(at, text.size(), text); };
    char text[16];
    put(0, name);
    put(100, "0000644");
    std::snprintf(text, sizeof text, "%011zo", content.size());
    put(124, text);
    put(136, "00000000000");
    put(148, "        ");
    header[156] = type;
    put(257,
        std::string("ustar\0"
                    "00",
            8));
    unsigned sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    std::snprintf(text, sizeof text, "%06o", sum);
    put(148, std::string(text, 7) + ' ');
    std::string padded = content;
    padded.resize((content.size() + 511) / 512 * 512);
    return header + padded;
}

const std::string kSpans
    = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":"
      "\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\",\"name\":\"GET\","
      "\"startTimeUnixNano\":\"1000\",\"endTimeUnixNano\":\"2000\"}]}]}]}\n";
const std::string kLogs
    = "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"1500\",\"traceId\":"
      "\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\",\"body\":"
      "{\"stringValue\":\"in it\"}}]}]}]}\n";

} // namespace

class TestIngest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void membersBecomeSources();
    void nothingReadable();
    void plainFileBeside();

private:
    std::string write(const char *name, const std::string &bytes);
    QTemporaryDir m_folder;
};

std::string TestIngest::write(const char *name, const std::string &bytes)
{
    const QString path = m_folder.filePath(QLatin1String(name));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes.data(), qint64(bytes.size())) < 0)
        qFatal("cannot write a fixture");
    return path.toStdString();
}

void TestIngest::membersBecomeSources()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    const std::string path = write("all.tar",
        entry("d/", "", '5') + entry("d/spans.json", kSpans) + entry("notes.txt", "hello world, a letter\n")
            + entry("logs.json", kLogs)
            + entry("x.pickle", std::string("\x80\x04\x95\x0c\0\0\0\0\0\0\0]\x94.", 14))
            + std::string(1024, '\0'));
    std::vector<ProgressUpdate> updates;
    Progress progress;
    progress.report = [&](const ProgressUpdate &update) {
        if (update.phase.starts_with("reading ") && update.phase.find('.') != std::string::npos)
            updates.push_back(update);
    };
    const IngestResult result = session::ingest(**workspace, {path}, {}, progress);
    QVERIFY2(result.errors.empty(), result.errors.empty() ? "" : result.errors.front().toText().c_str());
    QCOMPARE(result.outcomes.size(), std::size_t(2));
    QCOMPARE(result.outcomes[0].path, path + "/d/spans.json");
    QCOMPARE(result.outcomes[1].path, path + "/logs.json");
    QCOMPARE(result.skipped.size(), std::size_t(3));
    QCOMPARE(result.skipped[0].reason, std::string("a folder"));
    QCOMPARE(result.skipped[1].path, path + "/notes.txt");
    QVERIFY(result.skipped[2].reason.find("pickle") != std::string::npos);
    // One progress over all of them.
    QVERIFY(!updates.empty());
    for (std::size_t i = 1; i < updates.size(); ++i) {
        QCOMPARE(updates[i].total, updates[0].total);
        QVERIFY(updates[i].done >= updates[i - 1].done && updates[i].done <= updates[i].total);
    }
    auto reader = (*workspace)->connectReader();
    QVERIFY(reader);
    // The report of the first source lists what was passed by, and the line found its span in the other
    // member.
    QCOMPARE(reader->integer("SELECT count FROM import_issue WHERE kind = 'archive-members-skipped'").value(),
        std::optional<std::int64_t>(3));
    QCOMPARE(reader
                 ->text("SELECT j.kind || ' ' || l.message FROM span_join AS j JOIN log_entry AS l ON l.id ="
                        " j.target_id WHERE j.target_kind = 'log'")
                 .value(),
        std::optional<std::string>("trace_id in it"));
    // Once more: every member is there already.
    const IngestResult again = session::ingest(**workspace, {path}, {}, {});
    QCOMPARE(again.outcomes.size(), std::size_t(2));
    QVERIFY(again.outcomes[0].duplicateOf && again.outcomes[1].duplicateOf);
}

void TestIngest::nothingReadable()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    const IngestResult result = session::ingest(**workspace,
        {write("letters.tar",
            entry("a", "hello world, a letter\n")
                + entry("b",
                    "\x7F"
                    "ELF")
                + std::string(1024, '\0'))},
        {}, {});
    QCOMPARE(result.outcomes.size(), std::size_t(0));
    QCOMPARE(result.errors.size(), std::size_t(1));
    QCOMPARE(int(result.errors.front().code), int(ErrorCode::UnknownFormat));
    QCOMPARE(result.skipped.size(), std::size_t(2));
}

void TestIngest::plainFileBeside()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    const IngestResult result = session::ingest(**workspace,
        {write("cut.tar", (entry("a.json", kSpans) + entry("b.json", kLogs)).substr(0, 1400)),
            write("c.json", kLogs), "/no/such/file"},
        {}, {});
    // The first member and the file are read; the cut member, the cut archive and the missing file are told.
    QVERIFY(result.outcomes.size() >= 2);
    QCOMPARE(result.outcomes.back().path.substr(result.outcomes.back().path.size() - 6),
        std::string("c.json"));
    QVERIFY(result.errors.size() >= 2);
    QCOMPARE(int(result.errors.back().code), int(ErrorCode::NotFound));
}

QTEST_GUILESS_MAIN(TestIngest)
#include "tst_ingest.moc"
