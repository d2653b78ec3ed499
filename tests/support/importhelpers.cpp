// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/importhelpers.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>

#include <unistd.h>

namespace tailscope::testing {

using namespace tailscope::import;

namespace {

/// One hostile input may take this long, sanitizers included.
constexpr qint64 kMaxMilliseconds = 20'000;

struct Hostile
{
    std::string name;
    std::string bytes;
};

std::string repeated(std::string_view text, std::size_t count)
{
    std::string out;
    out.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i)
        out += text;
    return out;
}

/// The sample with every number replaced by one of 400 digits.
std::string withHugeNumbers(const std::string &sample)
{
    const std::string huge(400, '9');
    std::string out;
    bool inNumber = false;
    for (const char c : sample) {
        const bool digit = c >= '0' && c <= '9';
        if (digit && !inNumber && out.size() < 4'000'000)
            out += huge;
        else if (!digit)
            out += c;
        inNumber = digit;
    }
    return out;
}

std::vector<Hostile> hostileInputs(const std::string &sample)
{
    std::vector<Hostile> inputs;
    for (std::size_t i = 0; i < 20; ++i)
        inputs.push_back(
            {"truncated at " + std::to_string(i) + "/20", sample.substr(0, sample.size() * i / 20)});
    inputs.push_back({"wrong magic",
        "\x7F"
        "ELF\x02\x01\x01"
            + sample});
    inputs.push_back({"random head", "\x93\xC4\x01\xFE" + sample});
    std::string nul = sample;
    for (std::size_t i = 0; i < nul.size(); i += 97)
        nul[i] = '\0';
    inputs.push_back({"NUL bytes", nul});
    std::string bad = sample;
    for (std::size_t i = 5; i < bad.size(); i += 61)
        bad[i] = i % 2 ? '\xFF' : '\xC3';
    inputs.push_back({"bad UTF-8", bad});
    inputs.push_back({"huge numbers", withHugeNumbers(sample)});
    inputs.push_back({"deep arrays", repeated("[", 100'000)});
    inputs.push_back({"deep objects", repeated("{\"a\":", 100'000)});
    const std::size_t middle = sample.size() / 2;
    inputs.push_back({"deep nesting inside",
        sample.substr(0, middle) + repeated("[{\"a\":", 20'000) + sample.substr(middle)});
    inputs.push_back({"ten times", repeated(sample, 10)});
    inputs.push_back({"one long line", repeated("abcdefghij ", 300'000)});
    inputs.push_back({"blank lines", repeated("\r\n", 50'000) + sample});
    inputs.push_back({"only NUL", std::string(4096, '\0')});
    inputs.push_back({"empty", {}});
    return inputs;
}

std::string firstDifference(const std::string &a, const std::string &b)
{
    std::size_t at = 0;
    while (at < a.size() && at < b.size() && a[at] == b[at])
        ++at;
    const std::size_t from = at > 40 ? at - 40 : 0;
    return "..." + a.substr(from, 120) + "... against ..." + b.substr(from, 120) + "...";
}

void check(QString &problems, bool good, const std::string &what)
{
    if (!good)
        problems += QString::fromStdString(what) + QLatin1Char('\n');
}

void checkOutcome(QString &problems, const std::string &name, const ReadOutcome &outcome)
{
    if (outcome.error) {
        check(problems, !outcome.error->subject.empty(), name + ": the error has no subject");
        check(problems, !outcome.error->detail.empty(), name + ": the error has no cause");
        check(problems, outcome.error->code != ErrorCode::Internal, name + ": " + outcome.error->toText());
    }
    check(problems, outcome.report.rejects().size() <= ImportReport::kMaxRejects,
        name + ": too many rejects");
    for (const ImportReport::Reject &reject : outcome.report.rejects())
        check(problems, !reject.reason.empty() && !reject.kind.empty(), name + ": a reject without reason");
}

void checkFile(QString &problems, const QString &path, ErrorCode code, const std::string &name)
{
    const auto opened = FileSource::open(path.toStdString(), {});
    check(problems, !opened, name + ": was opened");
    if (opened)
        return;
    const Error &error = opened.error();
    check(problems, error.code == code, name + ": wrong code, " + error.toText());
    check(problems, error.subject.find(path.toStdString()) != std::string::npos,
        name + ": the subject lacks the path");
    check(problems, !error.detail.empty() && !error.hint.empty(), name + ": cause or hint is missing");
}

} // namespace

std::vector<std::string> ReadOutcome::issues() const
{
    std::vector<std::string> out;
    for (const ImportReport::Issue &issue : report.issues())
        out.push_back(issue.kind + ' ' + std::to_string(issue.count));
    return out;
}

bool ReadOutcome::hasIssue(std::string_view kind) const
{
    for (const ImportReport::Issue &issue : report.issues()) {
        if (issue.kind == kind)
            return true;
    }
    return false;
}

std::string ReadOutcome::text() const
{
    std::string out = sink.text();
    for (const ImportReport::Issue &issue : report.issues()) {
        out += "\nissue " + std::string(import::toText(issue.severity)) + ' ' + issue.kind + " count="
            + std::to_string(issue.count) + " at=" + std::to_string(issue.firstOffset) + ' ' + issue.example;
    }
    for (const ImportReport::Reject &reject : report.rejects()) {
        out += "\nreject at=" + std::to_string(reject.offset) + " length=" + std::to_string(reject.length)
            + ' ' + reject.kind + ' ' + reject.reason + " [" + reject.bytes + ']';
    }
    if (error)
        out += "\nerror " + error->toText();
    return out;
}

ReadOutcome readBytes(const Importer &importer, const std::string &bytes, std::size_t chunk,
    const ReadOptions &options)
{
    ReadOutcome outcome;
    MemorySource source(bytes, "sample", chunk);
    const Result<void> result = importer.newReader(options)->read(source, outcome.sink, outcome.report);
    if (!result)
        outcome.error = result.error();
    return outcome;
}

std::string fileBytes(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

QString hostileProblems(const Importer &importer, const std::string &sample)
{
    QString problems;
    const ReadOutcome whole = readBytes(importer, sample);
    check(problems, !whole.error,
        "the sample itself: " + (whole.error ? whole.error->toText() : std::string()));
    check(problems, whole.report.rowsRead() > 0, "the sample itself: no rows");
    const std::string expected = whole.text();
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        const std::string got = readBytes(importer, sample, chunk).text();
        check(problems, got == expected,
            "chunks of " + std::to_string(chunk) + " differ: " + firstDifference(expected, got));
    }
    for (const Hostile &input : hostileInputs(sample)) {
        QElapsedTimer timer;
        timer.start();
        const ReadOutcome outcome = readBytes(importer, input.bytes, 4096);
        checkOutcome(problems, input.name, outcome);
        check(problems, timer.elapsed() < kMaxMilliseconds, input.name + ": too slow");
        // The sniffer sees hostile bytes before any reader does.
        importer.sniff(std::string_view(input.bytes).substr(0, kSniffBytes), "sample.json");
        if (input.bytes.size() < 200'000) {
            check(problems, readBytes(importer, input.bytes, 7).text() == outcome.text(),
                input.name + ": chunks of 7 give other rows than chunks of 4096");
        }
    }
    return problems;
}

QString fileErrorProblems()
{
    QString problems;
    QTemporaryDir directory;
    checkFile(problems, directory.filePath(QStringLiteral("missing.json")), ErrorCode::NotFound,
        "missing file");
    checkFile(problems, directory.path(), ErrorCode::NotReadable, "directory");
    const QString empty = directory.filePath(QStringLiteral("empty.json"));
    QFile file(empty);
    check(problems, file.open(QIODevice::WriteOnly), "cannot write a fixture");
    file.close();
    checkFile(problems, empty, ErrorCode::BadInput, "empty file");
    if (::geteuid() != 0) {
        file.setPermissions(QFileDevice::WriteOwner);
        checkFile(problems, empty, ErrorCode::NotReadable, "unreadable file");
    }
    return problems;
}

} // namespace tailscope::testing
