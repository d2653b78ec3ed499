// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/importhelpers.h"

#include <QCryptographicHash>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <thread>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

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

std::string zstded(const std::string &text)
{
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

std::string zipped(const std::vector<std::pair<std::string, std::string>> &members, const QString &path)
{
    archive *handle = archive_write_new();
    archive_write_set_format_zip(handle);
    archive_write_open_filename(handle, path.toUtf8().constData());
    for (const auto &[name, text] : members) {
        archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
        archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_write_header(handle, entry);
        archive_write_data(handle, text.data(), text.size());
        archive_entry_free(entry);
    }
    archive_write_close(handle);
    archive_write_free(handle);
    return fileBytes(path);
}

std::string utf16(const QString &text, bool big, bool bom)
{
    QStringEncoder encoder(big ? QStringEncoder::Utf16BE : QStringEncoder::Utf16LE,
        bom ? QStringEncoder::Flag::WriteBom : QStringEncoder::Flag::Default);
    const QByteArray bytes = encoder(text);
    return bytes.toStdString();
}

/// Text that compresses well and differs from line to line; about `bytes` long.
std::string lines(std::size_t bytes)
{
    std::string out;
    for (int i = 0; out.size() < bytes; ++i)
        out += "line " + std::to_string(i) + " with some words\n";
    return out;
}

struct Drained
{
    std::string text;
    std::optional<Error> error;
    std::vector<SourceNote> notes;
    std::string sha256;

    bool hasNote(std::string_view kind) const
    {
        return std::any_of(notes.begin(), notes.end(),
            [&](const SourceNote &note) { return note.kind == kind; });
    }
};

Drained drain(FileSource &source)
{
    Drained result;
    for (;;) {
        const std::uint64_t before = result.text.size();
        const auto chunk = source.next();
        if (!chunk) {
            result.error = chunk.error();
            break;
        }
        if (chunk->empty())
            break;
        if (source.offset() != before)
            result.error = Error{ErrorCode::Internal, "offset", "offset() is wrong", std::nullopt, {}};
        result.text += *chunk;
    }
    result.notes = source.notes();
    if (!result.error)
        result.sha256 = source.sha256().value_or("");
    return result;
}

std::string sha256(const std::string &bytes)
{
    return QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256)
        .toHex()
        .toStdString();
}

} // namespace

class TestFileSource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatIsWrongWithFiles();
    void refusesDevices();
    void readsPlainFiles();
    void peeksWithoutConsuming();
    void inflatesGzip();
    void keepsWhatATruncatedGzipHolds();
    void reportsBrokenGzip();
    void inflatesZstd();
    void keepsWhatATruncatedZstdHolds();
    void inflatesCollectorBlocks();
    void readsTheOnlyMemberOfAZip();
    void refusesZipsOfManyMembers();
    void refusesBrokenZips();
    void inflatesTwoLayers();
    void refusesBombs();
    void dropsByteOrderMarks();
    void convertsUtf16_data();
    void convertsUtf16();
    void leavesBinaryAlone();
    void noticesChanges();
    void readsPipes();
    void cancelsOnASilentPipe();
    void stopsWhenAsked();
    void survivesEveryTruncation();

private:
    QString write(const char *name, const std::string &bytes)
    {
        const QString path = m_directory.filePath(QString::fromLatin1(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return {};
        file.write(bytes.data(), static_cast<qint64>(bytes.size()));
        return path;
    }
    Drained read(const std::string &bytes, const char *name = "input")
    {
        const auto source = FileSource::open(write(name, bytes).toStdString(), {});
        if (!source) {
            Drained failed;
            failed.error = source.error();
            return failed;
        }
        return drain(**source);
    }

    QTemporaryDir m_directory;
};

void TestFileSource::tellsWhatIsWrongWithFiles()
{
    QCOMPARE(fileErrorProblems(), QString());
    QVERIFY(!FileSource::open("", {}));
}

void TestFileSource::refusesDevices()
{
    const auto source = FileSource::open("/dev/zero", {});
    QVERIFY(!source);
    QCOMPARE(int(source.error().code), int(ErrorCode::NotReadable));
}

void TestFileSource::readsPlainFiles()
{
    // Longer than the ring of buffers, so that buffers are used again.
    const std::string text = lines(9'000'000);
    const Drained result = read(text);
    QVERIFY(!result.error);
    QVERIFY(result.text == text);
    QCOMPARE(result.sha256, sha256(text));
    QVERIFY(result.notes.empty());
}

void TestFileSource::peeksWithoutConsuming()
{
    const auto source = FileSource::open(write("peek", "hello world").toStdString(), {});
    QVERIFY(source.has_value());
    QCOMPARE((*source)->peek(5).value(), std::string_view("hello"));
    QCOMPARE((*source)->peek(100).value(), std::string_view("hello world"));
    QCOMPARE((*source)->offset(), std::uint64_t{0});
    QCOMPARE((*source)->rawSize(), std::uint64_t{11});
    QVERIFY(!(*source)->isCompressed());
    QCOMPARE((*source)->next().value(), std::string_view("hello world"));
    QCOMPARE((*source)->next().value(), std::string_view());
    QCOMPARE((*source)->next().value(), std::string_view());
    QCOMPARE((*source)->sha256().value(), sha256("hello world"));
}

void TestFileSource::inflatesGzip()
{
    const std::string text = lines(3'000'000);
    const std::string once = gzipped(text);
    Drained result = read(once);
    QVERIFY(!result.error);
    QVERIFY(result.text == text);
    QCOMPARE(result.sha256, sha256(once)); // of the raw bytes

    result = read(gzipped("one\n") + gzipped("") + gzipped("two\n"));
    QCOMPARE(result.text, "one\ntwo\n"s);
    QVERIFY(result.notes.empty());

    result = read(gzipped("one\n") + std::string(512, '\0')); // padding of tape blocks
    QCOMPARE(result.text, "one\n"s);
    QVERIFY(!result.error);

    result = read(gzipped("one\n") + "garbage");
    QCOMPARE(result.text, "one\n"s);
    QVERIFY(result.hasNote("trailing-garbage"));
    QVERIFY(!result.error);
    QCOMPARE(result.sha256, sha256(gzipped("one\n") + "garbage"));
}

void TestFileSource::keepsWhatATruncatedGzipHolds()
{
    const std::string text = lines(3'000'000);
    const std::string whole = gzipped(text);
    const Drained result = read(whole.substr(0, whole.size() / 2));
    QVERIFY(!result.error);
    QVERIFY(result.text.size() > text.size() / 4);
    QVERIFY(text.starts_with(result.text));
    QVERIFY(result.hasNote("truncated-compression"));
    QCOMPARE(result.notes.front().offset, std::uint64_t{result.text.size()});
}

void TestFileSource::reportsBrokenGzip()
{
    const std::string text = lines(3'000'000);
    std::string broken = gzipped(text);
    for (std::size_t i = broken.size() / 2; i < broken.size() / 2 + 64; ++i)
        broken[i] = static_cast<char>(~broken[i]);
    Drained result = read(broken);
    QVERIFY(result.error.has_value());
    QCOMPARE(int(result.error->code), int(ErrorCode::BadInput));
    QVERIFY(result.error->where.has_value());
    QVERIFY(!result.error->hint.empty());
    QVERIFY(!result.text.empty()); // what came before is delivered

    std::string badSum = gzipped("hello\n");
    badSum[badSum.size() - 8] ^= 1;
    result = read(badSum);
    QCOMPARE(result.text, "hello\n"s);
    QVERIFY(result.error.has_value());
}

void TestFileSource::inflatesZstd()
{
    const std::string text = lines(3'000'000);
    Drained result = read(zstded(text));
    QVERIFY(!result.error);
    QVERIFY(result.text == text);
    const std::string skippable = "\x50\x2A\x4D\x18\x04"s + std::string("\0\0\0abcd", 7);
    result = read(skippable + zstded("one\n") + zstded("two\n"));
    QCOMPARE(result.text, "one\ntwo\n"s);
    QVERIFY(!result.error);
    result = read(zstded("one\n") + "garbage that is long enough");
    QCOMPARE(result.text, "one\n"s);
    QVERIFY(result.hasNote("trailing-garbage"));
}

void TestFileSource::keepsWhatATruncatedZstdHolds()
{
    const std::string text = lines(3'000'000);
    const std::string whole = zstded(text);
    const Drained result = read(whole.substr(0, whole.size() / 2));
    QVERIFY(!result.error);
    QVERIFY(!result.text.empty());
    QVERIFY(text.starts_with(result.text));
    QVERIFY(result.hasNote("truncated-compression"));
}

void TestFileSource::inflatesCollectorBlocks()
{
    const auto block = [](const std::string &text) {
        const std::string frame = zstded(text);
        const auto size = static_cast<std::uint32_t>(frame.size());
        std::string head;
        for (int shift = 24; shift >= 0; shift -= 8)
            head += static_cast<char>(size >> shift);
        return head + frame;
    };
    const std::string big = lines(2'500'000);
    Drained result = read(block("{\"a\":1}") + block("{\"b\":2}\n") + block(big));
    QVERIFY(!result.error);
    QVERIFY(result.text == "{\"a\":1}\n{\"b\":2}\n" + big);
    const std::string whole = block("{\"a\":1}") + block(big);
    result = read(whole.substr(0, whole.size() - 10));
    QVERIFY(!result.error);
    QVERIFY(result.hasNote("truncated-compression"));
    QVERIFY(result.text.starts_with("{\"a\":1}\nline 0"));
    std::string broken = block("{\"a\":1}");
    broken[3] = static_cast<char>(broken[3] - 3); // the frame is longer than the block says
    result = read(broken + block("{}"));
    QVERIFY(result.error.has_value());
}

void TestFileSource::readsTheOnlyMemberOfAZip()
{
    const std::string text = lines(2'000'000);
    const QString path = m_directory.filePath(QStringLiteral("one.zip"));
    const std::string bytes
        = zipped({{"folder/", ""}, {"__MACOSX/._a.json", "x"}, {"folder/a.json", text}}, path);
    const auto source = FileSource::open(path.toStdString(), {});
    QVERIFY(source.has_value());
    const Drained result = drain(**source);
    QVERIFY2(!result.error, result.error ? result.error->toText().c_str() : "");
    QVERIFY(result.text == text);
    QCOMPARE(result.sha256, sha256(bytes));
    QVERIFY((*source)->isCompressed());
}

void TestFileSource::refusesZipsOfManyMembers()
{
    const QString path = m_directory.filePath(QStringLiteral("two.zip"));
    zipped({{"a.json", "1"}, {"b.json", "2"}}, path);
    const auto source = FileSource::open(path.toStdString(), {});
    QVERIFY(source.has_value());
    const auto head = (*source)->peek(10);
    QVERIFY(!head);
    QVERIFY(head.error().detail.find("a.json, b.json") != std::string::npos);
    QVERIFY(!head.error().hint.empty());
    // The error stays.
    QVERIFY(!(*source)->next());

    const QString empty = m_directory.filePath(QStringLiteral("none.zip"));
    zipped({}, empty);
    QVERIFY(!FileSource::open(empty.toStdString(), {}).value()->peek(1));
}

void TestFileSource::refusesBrokenZips()
{
    const std::string bytes
        = zipped({{"a.json", lines(100'000)}}, m_directory.filePath(QStringLiteral("good.zip")));
    for (std::size_t i = 1; i < 20; ++i) {
        const Drained result = read(bytes.substr(0, bytes.size() * i / 20), "cut.zip");
        QVERIFY(result.error.has_value());
        QVERIFY(!result.error->hint.empty());
    }
}

void TestFileSource::inflatesTwoLayers()
{
    const Drained result = read(gzipped(zstded("deep\n")));
    QCOMPARE(result.text, "deep\n"s);
}

void TestFileSource::refusesBombs()
{
    // 2 GiB of zeros in a zstd stream of some hundred KiB: written piece by piece.
    const QString path = m_directory.filePath(QStringLiteral("bomb.zst"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    const std::string frame = zstded(std::string(64 << 20, ' '));
    for (int i = 0; i < 32; ++i)
        file.write(frame.data(), static_cast<qint64>(frame.size()));
    file.close();
    const auto source = FileSource::open(path.toStdString(), {});
    QVERIFY(source.has_value());
    std::uint64_t total = 0;
    std::optional<Error> error;
    for (;;) {
        const auto chunk = (*source)->next();
        if (!chunk)
            error = chunk.error();
        if (!chunk || chunk->empty())
            break;
        total += chunk->size();
    }
    QVERIFY(error.has_value());
    QCOMPARE(int(error->code), int(ErrorCode::LimitExceeded));
    QVERIFY(total > (1ULL << 30));
    QVERIFY(total < (1ULL << 30) + (16 << 20));
}

void TestFileSource::dropsByteOrderMarks()
{
    QCOMPARE(read("\xEF\xBB\xBFhello").text, "hello"s);
    QCOMPARE(read(gzipped("\xEF\xBB\xBFhello")).text, "hello"s);
    QCOMPARE(read("\xEF\xBB").text, "\xEF\xBB"s);
    QCOMPARE(read("\xEF\xBB\xBF").text, ""s);
}

void TestFileSource::convertsUtf16_data()
{
    QTest::addColumn<bool>("big");
    QTest::addColumn<bool>("bom");
    QTest::newRow("LE with BOM") << false << true;
    QTest::newRow("BE with BOM") << true << true;
    QTest::newRow("LE without") << false << false;
    QTest::newRow("BE without") << true << false;
}

void TestFileSource::convertsUtf16()
{
    QFETCH(bool, big);
    QFETCH(bool, bom);
    QString text = QStringLiteral("a;b;caf\u00E9 3\nx;\U0001F600;\u20AC 4\n");
    while (text.size() < 200'000) // longer than the stage's buffer, so that pairs are cut
        text += QStringLiteral("frame;\U0001F600 1\n");
    const Drained result = read(utf16(text, big, bom));
    QVERIFY(!result.error);
    QVERIFY(QString::fromStdString(result.text) == text);
    QCOMPARE(result.hasNote("encoding-guessed"), !bom);

    // An odd byte and a lone surrogate at the end become U+FFFD.
    std::string cut = utf16(QStringLiteral("plain text 1\n"), big, bom);
    const Drained odd = read(cut + 'x');
    QCOMPARE(odd.text, "plain text 1\n\xEF\xBF\xBD"s);
    QVERIFY(odd.hasNote("truncated-character"));
    cut += big ? "\xD8\x3D"s : "\x3D\xD8"s;
    QCOMPARE(read(cut).text, "plain text 1\n\xEF\xBF\xBD"s);
}

void TestFileSource::leavesBinaryAlone()
{
    std::string bytes;
    for (int i = 0; i < 4096; ++i)
        bytes += static_cast<char>(i * 7);
    QCOMPARE(read(bytes).text, bytes);
    QVERIFY(read("\xFF\xFE\0\0a\0\0\0"s).error.has_value()); // UTF-32
}

void TestFileSource::noticesChanges()
{
    const QString path = write("growing", lines(9'000'000));
    const auto source = FileSource::open(path.toStdString(), {});
    QVERIFY(source.has_value());
    QVERIFY((*source)->next().has_value());
    QFile file(path);
    QVERIFY(file.open(QIODevice::Append));
    file.write("more\n");
    file.close();
    const Drained result = drain(**source);
    QVERIFY(result.error.has_value());
    QVERIFY(result.error->detail.find("changed") != std::string::npos);
    QVERIFY(!result.error->hint.empty());
}

void TestFileSource::readsPipes()
{
    const QString path = m_directory.filePath(QStringLiteral("pipe"));
    QCOMPARE(::mkfifo(path.toUtf8().constData(), 0600), 0);
    const std::string text = lines(300'000);
    std::thread writer([&] {
        QFile file(path);
        if (file.open(QIODevice::WriteOnly))
            file.write(text.data(), static_cast<qint64>(text.size()));
    });
    // The reader's end must not be the first: opening without a writer looks like an empty pipe.
    QTest::qWait(50);
    const auto source = FileSource::open(path.toStdString(), {});
    QVERIFY(source.has_value());
    const Drained result = drain(**source);
    writer.join();
    QVERIFY(!result.error);
    QVERIFY(result.text == text);
    QCOMPARE((*source)->rawSize(), std::uint64_t{0});
}

void TestFileSource::cancelsOnASilentPipe()
{
    const QString path = m_directory.filePath(QStringLiteral("silent"));
    QCOMPARE(::mkfifo(path.toUtf8().constData(), 0600), 0);
    const int keeper = ::open(path.toUtf8().constData(), O_RDWR);
    QVERIFY(keeper >= 0);
    Progress progress;
    const auto source = FileSource::open(path.toStdString(), progress);
    QVERIFY(source.has_value());
    std::thread canceller([&] {
        QThread::msleep(100);
        progress.cancel.cancel();
    });
    QElapsedTimer timer;
    timer.start();
    const auto chunk = (*source)->next();
    canceller.join();
    ::close(keeper);
    QVERIFY(!chunk);
    QCOMPARE(int(chunk.error().code), int(ErrorCode::Cancelled));
    QVERIFY(timer.elapsed() < 5000);
}

void TestFileSource::stopsWhenAsked()
{
    const auto source = FileSource::open(write("stop", lines(5'000'000)).toStdString(), {});
    QVERIFY(source.has_value());
    bool stop = false;
    (*source)->setStopCheck([&] { return stop; });
    QVERIFY((*source)->next().has_value());
    stop = true;
    QVERIFY(!(*source)->next());
    stop = false;
    QVERIFY(!(*source)->next()); // an error stays
}

void TestFileSource::survivesEveryTruncation()
{
    const std::string text = lines(20'000);
    for (const std::string &whole : {gzipped(text), zstded(text), gzipped(text) + gzipped(text)}) {
        for (std::size_t size = 1; size < whole.size(); size += 1 + whole.size() / 211) {
            const Drained result = read(whole.substr(0, size));
            QVERIFY((text + text).starts_with(result.text) || size < 4);
            if (result.error)
                QVERIFY(!result.error->subject.empty());
        }
    }
}

QTEST_GUILESS_MAIN(TestFileSource)
#include "tst_filesource.moc"
