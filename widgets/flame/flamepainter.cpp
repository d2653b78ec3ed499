// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamepainter.h"

#include "base/text.h"

#include <QGuiApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kHeatSteps = 256;
constexpr int kToneSteps = 257; // odd: the middle is no change
/// Labels of runs share the cache with the names: their keys lie above all name indexes.
constexpr std::uint64_t kRunKeys = std::uint64_t(1) << 40;
constexpr int kNarrowestLabel = 18;

QRgb mixed(QRgb a, QRgb b, double share)
{
    const auto mix = [share](int x, int y) { return int(std::lround(x + (y - x) * share)); };
    return qRgb(mix(qRed(a), qRed(b)), mix(qGreen(a), qGreen(b)), mix(qBlue(a), qBlue(b)));
}

} // namespace

FlamePainter::FlamePainter()
    : m_theme(QGuiApplication::palette())
{}

void FlamePainter::setLook(const QPalette &palette, const QFont &font)
{
    m_theme = Theme(palette);
    m_labels.setFont(font);
    forgetScene();
}

void FlamePainter::setColour(FlameColour colour) { m_colour = colour; }

void FlamePainter::forgetScene()
{
    m_labels.clear();
    m_names.clear();
    m_groups.clear();
    m_heat.clear();
    m_tones.clear();
}

FlamePainter::Fill FlamePainter::heatFill(double heat)
{
    m_heat.resize(kHeatSteps);
    Fill &fill = m_heat[std::size_t(std::clamp(heat, 0.0, 1.0) * (kHeatSteps - 1))];
    if (!fill.isKnown) {
        const QColor color = m_theme.heat(heat);
        fill = {color.rgb(), m_theme.textOn(color).rgb(), true};
    }
    return fill;
}

FlamePainter::Fill FlamePainter::toneFill(double tone)
{
    m_tones.resize(kToneSteps);
    const double place = (std::clamp(tone, -1.0, 1.0) + 1) / 2 * (kToneSteps - 1);
    Fill &fill = m_tones[std::size_t(std::lround(place))];
    if (!fill.isKnown) {
        const QColor color = m_theme.diverging(tone);
        fill = {color.rgb(), m_theme.textOn(color).rgb(), true};
    }
    return fill;
}

void FlamePainter::paintPresence(QPainter &painter, const QRect &area, FlameScene::Presence presence) const
{
    // A pattern, so that colour is not the only carrier: hatched = gone, a bar on the left = new.
    if (presence == FlameScene::Presence::OnlyBefore) {
        QColor lines = m_theme.text();
        lines.setAlpha(70);
        painter.fillRect(area, QBrush(lines, Qt::BDiagPattern));
    } else if (presence == FlameScene::Presence::OnlyAfter && area.width() >= 6) {
        painter.fillRect(area.left(), area.top(), 3, area.height(), m_theme.text());
    }
}

const FlamePainter::Fill &FlamePainter::fillOf(const FlameScene &scene, std::uint32_t id)
{
    // Frames without a service or module are told apart by their names.
    const std::uint32_t group = scene.groupIndex(id);
    const bool byGroup = m_colour == FlameColour::Group && !scene.groupText(group).empty();
    const std::uint32_t index = byGroup ? group : scene.nameIndex(id);
    std::vector<Fill> &fills = byGroup ? m_groups : m_names;
    if (index >= fills.size())
        fills.resize(std::size_t(index) + 1);
    Fill &fill = fills[index];
    if (!fill.isKnown) {
        const QColor color = m_theme.forName(byGroup ? scene.groupText(index) : scene.nameText(index));
        fill = {color.rgb(), m_theme.textOn(color).rgb(), true};
    }
    return fill;
}

FlamePainter::Fill FlamePainter::dimmed(const Fill &fill) const
{
    return {mixed(fill.color, m_theme.background().rgb(), 0.78), m_theme.mutedText().rgb(), true};
}

void FlamePainter::paint(QPainter &painter, const FlameScene &scene, const FlameGeometry &geometry,
    const QRect &clip)
{
    const auto [first, last] = geometry.visibleRows();
    for (int row = first; row < std::min(last, scene.rowCount()); ++row) {
        const int y = geometry.yOf(row);
        if (y > clip.bottom() || y + geometry.rowHeight <= clip.top())
            continue;
        const std::span<const FlameBox> boxes = scene.row(row);
        auto box = std::upper_bound(boxes.begin(), boxes.end(), float(clip.left()),
            [](float x, const FlameBox &b) { return x < b.x; });
        if (box != boxes.begin())
            --box;
        for (; box != boxes.end() && box->x <= float(clip.right() + 1); ++box) {
            const int left = int(std::lround(box->x));
            const int right = std::max(left + 1, int(std::lround(box->x + box->w)));
            // The gap that tells neighbours apart is left out where it would eat the frame.
            const QRect area(left, y, right - left - (right - left >= 4 ? 1 : 0), geometry.rowHeight - 1);
            if (box->folded > 0) {
                paintRun(painter, *box, area);
                continue;
            }
            Fill fill = m_colour == FlameColour::SelfTime ? heatFill(scene.heat(box->id))
                : m_colour == FlameColour::Difference     ? toneFill(scene.tone(box->id))
                                                          : fillOf(scene, box->id);
            const bool isMatch = m_searching && scene.isMatch(box->id);
            if (m_searching && !isMatch)
                fill = dimmed(fill);
            painter.fillRect(area, QColor::fromRgb(fill.color));
            if (m_colour == FlameColour::Difference)
                paintPresence(painter, area, scene.presence(box->id));
            if (isMatch && area.width() >= 2)
                painter.fillRect(area.left(), area.bottom() - 1, area.width(), 2, m_theme.text());
            if (area.width() >= kNarrowestLabel) {
                const std::uint32_t name = scene.nameIndex(box->id);
                m_labels.add(name, scene.nameText(name), QRectF(area).adjusted(4, 0, -3, 0), fill.text);
            }
        }
    }
    m_labels.flush(painter);
}

void FlamePainter::paintRun(QPainter &painter, const FlameBox &box, const QRect &area)
{
    painter.fillRect(area, m_theme.alternate());
    QColor lines = m_theme.mutedText();
    lines.setAlpha(area.width() >= 4 ? 110 : 160);
    painter.fillRect(area, area.width() >= 4 ? QBrush(lines, Qt::BDiagPattern) : QBrush(lines));
    if (area.width() < 56)
        return;
    const QString text = tr("%1 smaller", "frames").arg(QString::fromStdString(groupedCount(box.folded)));
    QRectF label = QRectF(area).adjusted(4, 0, -3, 0);
    const double width = painter.fontMetrics().horizontalAdvance(text) + 6;
    painter.fillRect(QRectF(label.left() - 2, area.top(), std::min(width, label.width()), area.height()),
        m_theme.alternate());
    m_labels.add(kRunKeys + box.folded, text.toStdString(), label, m_theme.mutedText().rgb());
}

void FlamePainter::paintFocus(QPainter &painter, const QRect &box, bool hasFocus) const
{
    painter.save();
    painter.setBrush(Qt::NoBrush);
    QPen inner(m_theme.background());
    inner.setWidth(1);
    inner.setJoinStyle(Qt::MiterJoin);
    QPen outer(hasFocus ? m_theme.text() : m_theme.mutedText());
    outer.setWidth(hasFocus ? 2 : 1);
    outer.setJoinStyle(Qt::MiterJoin);
    painter.setPen(outer);
    painter.drawRect(box.adjusted(0, 0, -1, -1));
    if (box.width() > 6) {
        painter.setPen(inner);
        painter.drawRect(box.adjusted(2, 2, -3, -3));
    }
    painter.restore();
}

} // namespace tailscope::widgets
