// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/labelpainter.h"
#include "widgets/base/theme.h"
#include "widgets/flame/flamegeometry.h"
#include "widgets/flame/flamescene.h"

#include <QCoreApplication>
#include <QPalette>
#include <QRect>

#include <vector>

class QPainter;

namespace tailscope::widgets {

/// Difference: blue = less than before, orange = more, grey = the same.
enum class FlameColour { Group, SelfTime, Name, Difference };

/// Draws the boxes of a scene: fills first, all labels last; colours are looked up once a name or group.
class FlamePainter
{
    Q_DECLARE_TR_FUNCTIONS(FlamePainter)
public:
    FlamePainter();
    void setLook(const QPalette &palette, const QFont &font);
    void setColour(FlameColour colour);
    FlameColour colour() const { return m_colour; }
    void setSearching(bool searching) { m_searching = searching; }
    bool isSearching() const { return m_searching; }
    const Theme &theme() const { return m_theme; }
    /// The names and groups mean something else from now on.
    void forgetScene();
    /// Rows that touch clip; the scene must be laid out.
    void paint(QPainter &painter, const FlameScene &scene, const FlameGeometry &geometry, const QRect &clip);
    /// Outline of the focused frame, seen on any colour.
    void paintFocus(QPainter &painter, const QRect &box, bool hasFocus) const;

private:
    struct Fill
    {
        QRgb color = 0, text = 0;
        bool isKnown = false;
    };
    const Fill &fillOf(const FlameScene &scene, std::uint32_t id);
    Fill heatFill(double heat);
    Fill toneFill(double tone);
    void paintPresence(QPainter &painter, const QRect &area, FlameScene::Presence presence) const;
    Fill dimmed(const Fill &fill) const;
    void paintRun(QPainter &painter, const FlameBox &box, const QRect &area);

    Theme m_theme;
    LabelPainter m_labels;
    FlameColour m_colour = FlameColour::Group;
    bool m_searching = false;
    std::vector<Fill> m_names, m_groups; ///< by name and group index
    std::vector<Fill> m_heat; ///< 256 steps
    std::vector<Fill> m_tones; ///< 257 steps from less to more
};

} // namespace tailscope::widgets
