// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"
#include "support/recordingsink.h"

#include <QString>
#include <QTest>

#include <optional>
#include <string>
#include <vector>

namespace tailscope::testing {

/// What one reader made of some bytes.
struct ReadOutcome
{
    RecordingSink sink;
    import::ImportReport report;
    std::optional<Error> error;

    /// "kind count" of every issue, in the report's order.
    std::vector<std::string> issues() const;
    bool hasIssue(std::string_view kind) const;
    /// Rows, issues, rejects and the error as one text: equal for equal behaviour.
    std::string text() const;
};

/// Reads bytes from memory in chunks of the given size.
ReadOutcome readBytes(const import::Importer &importer, const std::string &bytes, std::size_t chunk = 65536,
    const import::ReadOptions &options = {});

/// A file's bytes (test fixtures); empty when it cannot be read.
std::string fileBytes(const QString &path);

/// The common hostile list for one importer and a good sample of its format: chunk sizes 1, 7 and 4096 give
/// equal rows; truncation at every 1/20, wrong magic, NUL bytes, bad UTF-8, huge numbers, deep nesting and
/// ten-fold repetition neither crash nor hang nor grow without bound, and a broken input is an error with a
/// subject or is told in the report. Returns what is wrong, one line each; empty = all well.
QString hostileProblems(const import::Importer &importer, const std::string &sample);

/// The file contract for one importer: missing, directory, unreadable (not asked when running as root) and
/// empty files are located errors with a hint. Empty = all well.
QString fileErrorProblems();

} // namespace tailscope::testing

namespace QTest {

/// QCOMPARE shows both texts when they differ.
template<>
inline char *toString(const std::string &text)
{
    return qstrdup(text.c_str());
}

} // namespace QTest
