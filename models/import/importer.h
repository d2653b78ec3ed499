// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/bytesource.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tailscope::import {

/// How sure a sniffer is. Magic numbers beat heuristics; ties go to the earlier line in builtinimporters.cpp.
enum class Confidence : int { No = 0, Weak = 25, Likely = 50, Strong = 75, Magic = 100 };

/// How rejected records become a file again that the same importer reads.
enum class RecordJoin { Lines, JsonArray, Bytes };

struct FormatDescriptor
{
    std::string_view id; ///< stable, used by --format: "chrome-trace"
    std::string_view title; ///< "Chrome Trace Event JSON"
    std::string_view globs; ///< "*.json *.trace"; a hint only, content decides
    SourceKind kind = SourceKind::Trace;
    std::string_view help; ///< one sentence: who writes such files
    RecordJoin join = RecordJoin::Lines;
    /// A record whose meaning lies in what stood around it, as a document of its own; null: as it is.
    std::string (*wrapRecord)(std::string_view record) = nullptr;
};

/// Bytes the sniffers see at most (decompressed).
inline constexpr std::size_t kSniffBytes = 16384;

/// Options the user may give for one import.
struct ReadOptions
{
    int timezoneOffsetSeconds = 0; ///< for times without zone
    bool timezoneGiven = false; ///< false: UTC is assumed and the report says so
    std::string columnMap; ///< TOML that says what the columns of a table mean; empty = found by their names
    std::string timezoneName; ///< IANA name when given as such ("Europe/Paris"), else empty
};

/// Turns the bytes of one file into rows. It pulls: ByteSource::next() returns 1..n bytes. Bad rows go to
/// report.skip() and reading goes on; only a broken container is an Error, after what was read so far has
/// been emitted. Bounded memory, a stated depth limit, no recursion on input. One object reads one file.
class Reader
{
public:
    virtual ~Reader() = default;
    virtual Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) = 0;
};

/// One input format. Stateless; all functions from any thread.
class Importer
{
public:
    virtual ~Importer() = default;
    virtual const FormatDescriptor &descriptor() const = 0;
    /// prefix: at most kSniffBytes of the decompressed file; may end anywhere. fileName: without directory.
    virtual Confidence sniff(std::string_view prefix, std::string_view fileName) const = 0;
    virtual std::unique_ptr<Reader> newReader(const ReadOptions &options) const = 0;
};

/// All importers of the program, in order of detection. Defined in builtinimporters.cpp: one line a format.
std::span<const Importer *const> builtinImporters();
/// By id; nullptr when unknown.
const Importer *importerById(std::string_view id);
/// The most confident importer; nullptr when none claims the bytes.
const Importer *sniffImporter(std::string_view prefix, std::string_view fileName);

} // namespace tailscope::import
