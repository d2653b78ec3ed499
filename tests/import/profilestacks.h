// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/importhelpers.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QStringList>
#include <QTest>

#include <map>
#include <string>
#include <vector>

namespace tailscope::testing {

/// Value of " name=..." in a line of RecordingSink, without quotes.
inline std::string fieldOf(const std::string &line, const std::string &name)
{
    const QRegularExpression expression(
        QStringLiteral(" %1=(\"[^\"]*\"|\\S+)").arg(QString::fromStdString(name)));
    return expression.match(QString::fromStdString(line)).captured(1).remove(QLatin1Char('"')).toStdString();
}

/// "a|b|c 3" for every sample of a profile: the stacks as the sink saw them, in order; " @ts" where timed.
inline std::vector<std::string> stacksOf(const ReadOutcome &outcome, int profile = 1)
{
    std::map<std::string, std::string> frames, nodes;
    std::vector<std::string> result;
    for (const std::string &line : outcome.sink.lines) {
        const std::string number = QString::fromStdString(line).section(QLatin1Char(' '), 1, 1).toStdString();
        if (line.starts_with("frame ")) {
            frames[number] = fieldOf(line, "function");
        } else if (line.starts_with("call_node ")) {
            const std::string parent = fieldOf(line, "parent");
            nodes[number] = (parent.empty() ? "" : nodes[parent] + '|') + frames[fieldOf(line, "frame")];
        } else if (line.starts_with("sample ") && fieldOf(line, "profile") == std::to_string(profile)) {
            const std::string ts = fieldOf(line, "ts");
            const QString weight = QString::number(std::stod(fieldOf(line, "weight")), 'g', 17);
            result.push_back(
                nodes[fieldOf(line, "node")] + ' ' + weight.toStdString() + (ts.empty() ? "" : " @" + ts));
        }
    }
    return result;
}

/// Sum of the counts of the samples of a profile.
inline std::int64_t countOf(const ReadOutcome &outcome, int profile = 1)
{
    std::int64_t sum = 0;
    for (const std::string &line : outcome.sink.linesOf("sample")) {
        if (fieldOf(line, "profile") != std::to_string(profile))
            continue;
        const std::string count = fieldOf(line, "count");
        sum += count.empty() ? 1 : std::stoll(count);
    }
    return sum;
}

inline QString traceCorpus() { return QStringLiteral(TS_SHARED_DIR "/corpus/traces"); }

/// Rows for a test over the files of one format of the corpus: path and what was counted in them.
inline void addCorpusRows(const char *format)
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("facts");
    const QDir corpus(traceCorpus());
    QFile manifest(corpus.filePath(QStringLiteral("manifest.tsv")));
    if (!manifest.open(QIODevice::ReadOnly)) {
        QTest::newRow("no corpus") << QString() << QString();
        return;
    }
    while (!manifest.atEnd()) {
        const QStringList fields = QString::fromUtf8(manifest.readLine()).split(QLatin1Char('\t'));
        if (fields.size() > 7 && fields[1] == QLatin1String(format))
            QTest::newRow(qPrintable(fields[0])) << corpus.filePath(fields[0]) << fields[7];
    }
}

/// Reads a file the way an import does, decompressed; the importer is the one that the sniffers choose.
inline ReadOutcome readCorpusFile(const QString &path, const import::Importer &expected)
{
    ReadOutcome outcome;
    const auto source = import::FileSource::open(path.toStdString(), {});
    if (!source) {
        outcome.error = source.error();
        return outcome;
    }
    const std::string prefix((*source)->peek(import::kSniffBytes).value());
    if (import::sniffImporter(prefix, "upload") != &expected) {
        outcome.error = Error{ErrorCode::UnknownFormat, path.toStdString(), "not sniffed", {}, {}};
        return outcome;
    }
    const Result<void> result = expected.newReader({})->read(**source, outcome.sink, outcome.report);
    if (!result)
        outcome.error = result.error();
    return outcome;
}

/// The number behind "name=" in the facts of the manifest; -1 when there is none.
inline double factOf(const QString &facts, const char *name)
{
    const auto match
        = QRegularExpression(QStringLiteral("(?:^|[^\\w])%1=(-?[0-9.]+)").arg(QLatin1String(name)))
              .match(facts);
    return match.hasMatch() ? match.captured(1).toDouble() : -1;
}

} // namespace tailscope::testing
