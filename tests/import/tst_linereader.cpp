// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/linereader.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace std::string_literals;

namespace {

/// "offset/number/length:text" for every line; '!' marks those that are too long.
QStringList linesOf(const std::string &bytes, std::size_t chunk, std::size_t maxLength = 100)
{
    MemorySource source(bytes, "lines", chunk);
    LineReader reader(source, maxLength);
    QStringList result;
    Line line;
    while (reader.next(line)) {
        result << QStringLiteral("%1/%2/%3:%4%5")
                      .arg(line.offset)
                      .arg(line.number)
                      .arg(line.length)
                      .arg(QString::fromStdString(std::string(line.text)),
                          QLatin1String(line.tooLong ? "!" : ""));
    }
    return result;
}

/// Gives one chunk, then fails.
class FailingSource : public ByteSource
{
public:
    Result<std::string_view> next() override
    {
        if (m_given)
            return fail(ErrorCode::NotReadable, "disk", "broke", "Replace it.");
        m_given = true;
        return std::string_view("one\ntw");
    }
    std::uint64_t offset() const override { return 0; }
    const std::string &name() const override { return m_name; }

private:
    bool m_given = false;
    std::string m_name = "disk";
};

} // namespace

class TestLineReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsLines_data();
    void readsLines();
    void boundsLines();
    void boundsEqualInEveryChunking();
    void passesErrorsOn();
};

void TestLineReader::readsLines_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QStringList>("lines");
    QTest::newRow("empty") << QByteArray("") << QStringList{};
    QTest::newRow("usual") << QByteArray("ab\nc\n") << QStringList{"0/1/2:ab", "3/2/1:c"};
    QTest::newRow("no end") << QByteArray("ab\nc") << QStringList{"0/1/2:ab", "3/2/1:c"};
    QTest::newRow("CRLF") << QByteArray("ab\r\nc\r\n") << QStringList{"0/1/2:ab", "4/2/1:c"};
    QTest::newRow("CR inside stays") << QByteArray("a\rb\n") << QStringList{"0/1/3:a\rb"};
    QTest::newRow("CR at the end of the file") << QByteArray("ab\r") << QStringList{"0/1/2:ab"};
    QTest::newRow("blank lines") << QByteArray("\n\r\na") << QStringList{"0/1/0:", "1/2/0:", "3/3/1:a"};
    QTest::newRow("only a line end") << QByteArray("\n") << QStringList{"0/1/0:"};
}

void TestLineReader::readsLines()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QStringList, lines);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4096}})
        QCOMPARE(linesOf(bytes.toStdString(), chunk), lines);
}

void TestLineReader::boundsLines()
{
    const std::string bytes = "ab\n" + std::string(101, 'x') + "\n" + std::string(100, 'y') + "\r\n"
        + std::string(100'000, 'z') + "\nend\n";
    const QStringList lines = linesOf(bytes, 4096);
    QCOMPARE(lines.size(), 5);
    QCOMPARE(lines[1], QStringLiteral("3/2/101:%1!").arg(QString(100, QLatin1Char('x'))));
    QVERIFY(!lines[2].endsWith(QLatin1Char('!')));
    // Of a long line only the start is kept.
    QVERIFY(lines[3].startsWith(QLatin1String("207/4/100000:zzz")));
    QVERIFY(lines[3].size() < 1200);
    QCOMPARE(lines[4], QStringLiteral("100208/5/3:end"));
}

void TestLineReader::boundsEqualInEveryChunking()
{
    std::string bytes;
    for (int length : {0, 1, 99, 100, 101, 102, 103, 1023, 1024, 1025, 5000}) {
        for (const char *end : {"\n", "\r\n", "\r\r\n"})
            bytes += std::string(static_cast<std::size_t>(length), 'a') + end;
    }
    const QStringList expected = linesOf(bytes, bytes.size());
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{1000}})
        QCOMPARE(linesOf(bytes, chunk), expected);
}

void TestLineReader::passesErrorsOn()
{
    FailingSource source;
    LineReader reader(source);
    Line line;
    QVERIFY(reader.next(line));
    QCOMPARE(line.text, std::string_view("one"));
    // The half line before the error is none: a number could be cut in two, and resuming would find another
    // row.
    QVERIFY(!reader.next(line));
    QVERIFY(!reader.result());
    QCOMPARE(reader.error()->subject, "disk"s);
    QVERIFY(!reader.next(line));
}

QTEST_GUILESS_MAIN(TestLineReader)
#include "tst_linereader.moc"
