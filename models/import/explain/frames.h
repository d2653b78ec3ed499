// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::explain {

inline constexpr std::size_t kMaxLines = 3'000'000;

/// A line of plan text without its frame. Views into the input or into the arena of the UnframedText.
struct FrameLine
{
    std::string_view text;
    std::uint32_t source = 0; ///< index of the (first) raw line
    bool continues = false; ///< the client marked the next line as a part of this value
    bool header = false; ///< "QUERY PLAN": the next line that is no rule is the plan's root
};

/// What frames are taken off for: JSON is one value over many lines, TEXT one value a line.
enum class FrameContent { Text, Json };

/// Plan text freed from what clients put around it: psql's borders 0 to 2 in ascii, old-ascii and unicode,
/// expanded, wrapped and tuples-only output, csv, html, asciidoc and troff, grids with a right edge, lines in
/// quotes, mail quoting. Rules, headers and footers stay for the parser to recognise. Lines keep their place
/// in the input.
struct UnframedText
{
    std::string_view raw;
    std::vector<FrameLine> lines;
    std::vector<std::uint32_t> rawLines; ///< byte offset of every raw line
    bool padded = false; ///< psql's frame: every line of a value begins with a blank that is not part of it
    bool tooManyLines = false; ///< only the first kMaxLines were taken
    TextArena arena;

    /// Raw bytes of the raw lines [first, last].
    std::string_view rawText(std::uint32_t first, std::uint32_t last) const;
    /// The lines as one text with as many line ends as the input has before each: line numbers stay.
    std::string joined() const;
};

UnframedText unframe(std::string_view raw, FrameContent content);

/// A line of nothing but border characters: "----", "+---+", "═══".
bool isRule(std::string_view line);
/// "(12 rows)", "(3 lignes)", "Time: 1.2 ms".
bool isFooter(std::string_view line);
/// Code points; a frame's width is counted so.
std::size_t displayWidth(std::string_view text);

} // namespace tailscope::import::explain
