// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpjson.h"
#include "import/otlpproto/otlpproto.h"
#include "import/otlpproto/otlpprotoreader.h"
#include "support/importhelpers.h"

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

std::string varint(std::uint64_t value)
{
    std::string out;
    for (; value >= 0x80; value >>= 7)
        out += static_cast<char>((value & 0x7F) | 0x80);
    return out += static_cast<char>(value);
}

std::string field(unsigned number, const std::string &bytes)
{
    return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string fixed64(unsigned number, std::uint64_t value)
{
    std::string out = varint(number << 3 | 1);
    for (int i = 0; i < 8; ++i)
        out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}

std::string framed(const std::string &message)
{
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>(message.size() >> shift & 0xFF);
    return out + message;
}

std::string keyValue(const std::string &key, const std::string &any) { return field(1, key) + field(2, any); }

const std::string kTraceId(16, '\x5B');

std::string span(const std::string &name, char id, const std::string &more = {})
{
    return field(1, kTraceId) + field(2, std::string(7, '\x11') + id) + field(5, name) + fixed64(7, 1000)
        + fixed64(8, 3000) + more;
}

std::string resource(const std::string &service)
{
    return field(1, keyValue("service.name", field(1, service)));
}

std::string message(const std::string &service, const std::vector<std::string> &spans)
{
    std::string scope = field(1, field(1, "lib"));
    for (const std::string &bytes : spans)
        scope += field(2, bytes);
    return field(1, field(1, resource(service)) + field(2, scope));
}

ReadOutcome read(const std::string &bytes, std::size_t chunk = 65536)
{
    return readBytes(otlpProtoImporter(), bytes, chunk);
}

std::string golden(const char *path)
{
    return fileBytes(QStringLiteral(TS_SOURCE_DIR "/tests/golden/") + QLatin1String(path));
}

std::string rowsOf(const ReadOutcome &outcome)
{
    std::string out;
    for (const char *word : {"track", "attribute_set", "trace", "span", "log_entry"}) {
        for (const std::string &line : outcome.sink.linesOf(word))
            out += line + '\n';
    }
    return out;
}

} // namespace

class TestOtlpProto : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sameRowsAsJson_data();
    void sameRowsAsJson();
    void streamOfMessages();
    void resourceAfterItsSpans();
    void truncatedTail();
    void wrongLengths();
    void hugeLengths();
    void deepValues();
    void badRecords();
    void metricsAreNotRead();
    void rejectsCanBeReadAgain();
    void compressedBlocks();
    void sniffs();
};

void TestOtlpProto::sameRowsAsJson_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("proto");
    QTest::newRow("traces") << QByteArray("otlp-json/document/input.json")
                            << QByteArray("otlp-protobuf/document/input.pb");
    QTest::newRow("logs") << QByteArray("otlp-json/logs/input.json")
                          << QByteArray("otlp-protobuf/logs/input.pb");
}

void TestOtlpProto::sameRowsAsJson()
{
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, proto);
    const std::string bytes = golden(proto.constData());
    QVERIFY(!bytes.empty());
    const ReadOutcome expected = readBytes(otlpJsonImporter(), golden(json.constData()));
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{65536}}) {
        const ReadOutcome got = read(bytes, chunk);
        QVERIFY2(!got.error, got.text().c_str());
        QCOMPARE(rowsOf(got), rowsOf(expected));
    }
}

void TestOtlpProto::streamOfMessages()
{
    const std::string one = message("a", {span("x", 'x'), span("y", 'y')}),
                      two = message("b", {span("z", 'z')});
    const ReadOutcome outcome = read(framed(one) + framed({}) + framed(two), 1);
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(outcome.sink.count("span"), 3U);
    QCOMPARE(outcome.sink.count("track"), 2U);
    // Messages one after the other are one message, says protobuf.
    QCOMPARE(rowsOf(read(one + two)), rowsOf(outcome));
}

void TestOtlpProto::resourceAfterItsSpans()
{
    const std::string late = field(1,
        field(2, field(2, span("x", 'x')) + field(1, field(1, "lib"))) + field(1, resource("late")));
    const ReadOutcome outcome = read(late, 3);
    QCOMPARE(outcome.sink.linesOf("track"),
        std::vector<std::string>({"track 1 service=\"late\" shape=linked"}));
    QCOMPARE(outcome.sink.count("span"), 1U);
    QVERIFY(outcome.sink.linesOf("span").front().find(" resource=2 scope=1") != std::string::npos);
}

void TestOtlpProto::truncatedTail()
{
    const std::string first = framed(message("a", {span("x", 'x')}));
    const std::string second = framed(message("a", {span("y", 'y'), span("z", 'z')}));
    for (std::size_t cut = 1; cut < second.size(); ++cut) {
        const ReadOutcome outcome = read(first + second.substr(0, cut));
        QVERIFY2(!outcome.error, outcome.text().c_str());
        QVERIFY(outcome.hasIssue("truncated"));
        QVERIFY(outcome.sink.count("span") >= 1U && outcome.sink.count("span") < 3U);
        for (const ImportReport::Issue &issue : outcome.report.issues()) {
            if (issue.kind == "truncated")
                QCOMPARE(issue.firstOffset, std::uint64_t(first.size() + cut));
        }
    }
}

void TestOtlpProto::wrongLengths()
{
    // A scope that says it is longer than its resource costs that resource, not the file.
    const std::string scope = varint(2 << 3 | 2) + varint(500) + "abc";
    const std::string bytes = message("a", {span("x", 'x')}) + field(1, field(1, resource("b")) + scope)
        + message("c", {span("z", 'z')});
    const ReadOutcome outcome = read(bytes);
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(outcome.sink.count("span"), 2U);
    QCOMPARE(outcome.report.rejects().size(), std::size_t(1));
    QCOMPARE(outcome.report.rejects().front().kind, std::string("wrong-length"));
    QCOMPARE(outcome.report.rejects().front().offset, std::uint64_t(bytes.find(scope)));
}

void TestOtlpProto::hugeLengths()
{
    const std::string good = message("a", {span("x", 'x')});
    const ReadOutcome field9 = read(good + varint(1 << 3 | 2) + varint(std::uint64_t(1) << 62) + "abc");
    QVERIFY2(!field9.error && field9.hasIssue("truncated"), field9.text().c_str());
    QCOMPARE(field9.sink.count("span"), 1U);
    const ReadOutcome frame = read(framed(good) + "\x7F\xFF\xFF\xFF" + good);
    QVERIFY(!frame.error && frame.hasIssue("truncated"));
    QCOMPARE(frame.sink.count("span"), 2U);
}

void TestOtlpProto::deepValues()
{
    std::string any = field(1, "deep");
    for (int i = 0; i < 200; ++i)
        any = field(5, field(1, any));
    const ReadOutcome outcome = read(message("a", {span("x", 'x', field(9, keyValue("k", any)))}));
    QVERIFY2(!outcome.error, outcome.text().c_str());
    const std::string line = outcome.sink.linesOf("span").front();
    QVERIFY(line.find(std::string(32, '[') + "\"\xE2\x80\xA6\"" + std::string(32, ']')) != std::string::npos);
    std::string tree = field(1, "deep");
    for (int i = 0; i < 100'000; ++i)
        tree = field(6, field(1, field(1, "k") + field(2, tree))).substr(0, 4096);
    QVERIFY(!read(message("a", {span("x", 'x'), span("y", 'y', field(9, keyValue("k", tree)))})).error);
}

void TestOtlpProto::badRecords()
{
    const std::string cut = span("y", 'y') + varint(11 << 3 | 2) + varint(50);
    const std::string bytes = message("a",
        {span("x", 'x'), cut, "hello", field(1, kTraceId) + field(2, "12345678") + field(5, "no time"),
            span("bad \xFF text", 'z')});
    const ReadOutcome outcome = read(bytes, 5);
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(outcome.sink.count("span"), 2U);
    QCOMPARE(outcome.issues(),
        std::vector<std::string>({"malformed-span 2", "no-time 1", "repaired-text 1"}));
    QCOMPARE(outcome.report.rejects().front().offset, std::uint64_t(bytes.find(cut)));
    QVERIFY(outcome.sink.linesOf("span").back().find("bad \xEF\xBF\xBD text") != std::string::npos);
}

void TestOtlpProto::metricsAreNotRead()
{
    const std::string metric = field(1, "http.duration") + field(3, "ms") + field(9, "");
    const std::string metrics
        = field(1, field(1, resource("a")) + field(2, field(2, metric) + field(2, metric)));
    const ReadOutcome outcome = read(message("a", {span("x", 'x')}) + metrics);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.issues(), std::vector<std::string>({"metrics-not-read 2"}));
    QVERIFY(!read("hello").sink.count("span") && read("hello").error);
}

void TestOtlpProto::rejectsCanBeReadAgain()
{
    const FormatDescriptor &descriptor = otlpProtoImporter().descriptor();
    QVERIFY(descriptor.join == RecordJoin::Bytes && descriptor.wrapRecord != nullptr);
    const ReadOutcome outcome = read(
        descriptor.wrapRecord(span("x", 'x')) + descriptor.wrapRecord(span(std::string(300, 'n'), 'y')));
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 2U);
}

void TestOtlpProto::compressedBlocks()
{
    // As the collector writes with compression: each message a zstd frame after its length.
    const QString zstd = QStandardPaths::findExecutable(QStringLiteral("zstd"));
    if (zstd.isEmpty())
        QSKIP("there is no zstd program");
    const std::string one = message("a", {span("x", 'x')}), two = message("b", {span("y", 'y')});
    const auto compressed = [&](const std::string &bytes) {
        QProcess process;
        process.start(zstd, {QStringLiteral("-c"), QStringLiteral("-q")});
        process.write(bytes.data(), qint64(bytes.size()));
        process.closeWriteChannel();
        process.waitForFinished();
        return process.readAllStandardOutput().toStdString();
    };
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("traces.bin"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    const std::string bytes = framed(compressed(one)) + framed(compressed(two));
    file.write(bytes.data(), qint64(bytes.size()));
    file.close();
    auto source = FileSource::open(path.toStdString(), {});
    QVERIFY(source);
    const auto prefix = (*source)->peek(kSniffBytes);
    QVERIFY(prefix);
    QCOMPARE(sniffImporter(*prefix, "traces.bin"), &otlpProtoImporter());
    ReadOutcome outcome;
    QVERIFY(otlpProtoImporter().newReader({})->read(**source, outcome.sink, outcome.report));
    QCOMPARE(rowsOf(outcome), rowsOf(read(one + two)));
}

void TestOtlpProto::sniffs()
{
    const auto sure = [](const std::string &bytes) {
        return otlpProtoImporter().sniff(std::string_view(bytes).substr(0, kSniffBytes), "x");
    };
    const std::string good = message("shop", {span("x", 'x')});
    QCOMPARE(sure(good), Confidence::Strong);
    QCOMPARE(sure(framed(good)), Confidence::Strong);
    std::vector<std::string> many(5000, span("x", 'x'));
    QCOMPARE(sure(message("shop", many)), Confidence::Strong);
    for (const std::string &other :
        {std::string("\n\n\n\n\n\n\n\n\n\n\n\n\n\n"), std::string(200, '\n'), std::string("hello"),
            std::string(), std::string(100, '\0'), std::string("\n\x04\x08\x01\x10\x02")})
        QCOMPARE(sure(other), Confidence::No);
}

QTEST_GUILESS_MAIN(TestOtlpProto)
#include "tst_otlpproto.moc"
