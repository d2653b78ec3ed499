// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace tailscope::import {

/// A line of collapsed stacks, taken apart. Views point into the line.
struct StackLine
{
    enum class Kind { Stack, Blank, Comment, NoWeight, NoFrames };
    Kind kind = Kind::Blank;
    std::string_view stack; ///< frames with their separators; ends in a blank only when the leaf has no name
    double weight = 0; ///< the last number
    std::string_view weightText;
};

/// Splits at the last blank. A line without a finite number after it is NoWeight.
StackLine parseStackLine(std::string_view line);

/// Splits "stack before" of a line with two numbers (difffolded); nullopt when there is no second number.
struct BeforeWeight
{
    std::string_view stack;
    double weight = 0;
};
std::optional<BeforeWeight> splitBeforeWeight(std::string_view stack);

/// Where the frame that begins at `from` ends: the next separator, or the end. A ';' inside the parentheses
/// of a JVM method descriptor, "run(Ljava/lang/String;I)V", is part of the frame.
std::size_t frameEnd(std::string_view stack, std::size_t from);

/// A frame without its annotation: "vfs_read_[k]" is function "vfs_read", module "[kernel]". Known
/// annotations: [k] kernel, [j] jit, [i] inlined, [w] waker; others stay in the name.
struct FrameName
{
    std::string_view function, module;
};
FrameName splitAnnotation(std::string_view frame);

/// Thread that the first frame names: "iperf-8262/8264" or "[main tid=17]"; empty when it names none.
std::string_view threadOf(std::string_view firstFrame);

} // namespace tailscope::import
