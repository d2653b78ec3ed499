// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/theme.h"

#include "base/text.h"

#include <QApplication>
#include <QFile>
#include <QIconEngine>
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <QStyleFactory>
#include <QSvgRenderer>

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::widgets {

namespace {

// Okabe and Ito, "Color Universal Design", 2008; the yellow is left out (unreadable on white).
constexpr std::array<QRgb, 8> kSeries{0xff0072b2, 0xffd55e00, 0xff009e73, 0xffcc79a7, 0xff56b4e9, 0xffe69f00,
    0xff7a5ea8, 0xff6b7280};

// Seven stops of viridis (van der Walt and Smith, 2015), from dark to light.
constexpr std::array<std::array<int, 3>, 7> kViridis{{{68, 1, 84}, {70, 51, 127}, {54, 92, 141},
    {39, 127, 142}, {31, 161, 135}, {109, 205, 89}, {253, 231, 37}}};

QColor viridis(double t)
{
    const double place = std::clamp(t, 0.0, 1.0) * double(kViridis.size() - 1);
    const auto low = std::min(std::size_t(place), kViridis.size() - 2);
    const double part = place - double(low);
    const auto mix = [&](int channel) {
        const auto c = std::size_t(channel);
        return int(std::lround(kViridis[low][c] + part * (kViridis[low + 1][c] - kViridis[low][c])));
    };
    return {mix(0), mix(1), mix(2)};
}

/// Paints a monochrome SVG in the text colour of the palette, so one file serves light and dark.
class TintedSvgEngine final : public QIconEngine
{
public:
    explicit TintedSvgEngine(QString file)
        : m_file(std::move(file))
    {}
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override
    {
        const double ratio = painter->device() ? painter->device()->devicePixelRatioF() : 1.0;
        QPixmap image = scaledPixmap(rect.size() * ratio, mode, state, 1.0);
        image.setDevicePixelRatio(ratio);
        painter->drawPixmap(rect, image);
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        return scaledPixmap(size, mode, state, 1.0);
    }
    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State, qreal) override
    {
        QPixmap image(size);
        image.fill(Qt::transparent);
        QPainter painter(&image);
        QSvgRenderer renderer(m_file);
        renderer.render(&painter);
        painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
        const QPalette palette = QApplication::palette();
        painter.fillRect(image.rect(),
            mode == QIcon::Disabled ? palette.color(QPalette::Disabled, QPalette::WindowText)
                                    : palette.color(QPalette::WindowText));
        return image;
    }
    QIconEngine *clone() const override { return new TintedSvgEngine(m_file); }

private:
    QString m_file;
};

QPalette darkPalette()
{
    QPalette palette;
    const QColor window(0x1f, 0x23, 0x28), base(0x17, 0x1a, 0x1e), text(0xe6, 0xe8, 0xeb),
        muted(0x8b, 0x93, 0x9c);
    palette.setColor(QPalette::Window, window);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, base);
    palette.setColor(QPalette::AlternateBase, QColor(0x1d, 0x21, 0x26));
    palette.setColor(QPalette::ToolTipBase, QColor(0x2b, 0x30, 0x37));
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::PlaceholderText, muted);
    palette.setColor(QPalette::Button, QColor(0x2b, 0x30, 0x37));
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::BrightText, Qt::white);
    palette.setColor(QPalette::Link, QColor(0x6c, 0xb6, 0xff));
    palette.setColor(QPalette::LinkVisited, QColor(0xb3, 0x9d, 0xdb));
    palette.setColor(QPalette::Highlight, QColor(0x2f, 0x6f, 0xb3));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::Light, QColor(0x3a, 0x41, 0x4a));
    palette.setColor(QPalette::Midlight, QColor(0x33, 0x39, 0x41));
    palette.setColor(QPalette::Mid, QColor(0x2a, 0x2f, 0x36));
    palette.setColor(QPalette::Dark, QColor(0x12, 0x15, 0x18));
    palette.setColor(QPalette::Shadow, Qt::black);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor(0x6b, 0x72, 0x7a));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(0x3a, 0x41, 0x4a));
    return palette;
}

QPalette lightPalette()
{
    QPalette palette;
    const QColor text(0x1b, 0x1f, 0x24);
    palette.setColor(QPalette::Window, QColor(0xf3, 0xf4, 0xf6));
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, Qt::white);
    palette.setColor(QPalette::AlternateBase, QColor(0xf7, 0xf8, 0xfa));
    palette.setColor(QPalette::ToolTipBase, QColor(0xff, 0xff, 0xf2));
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::PlaceholderText, QColor(0x6b, 0x72, 0x80));
    palette.setColor(QPalette::Button, QColor(0xec, 0xee, 0xf1));
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::BrightText, Qt::white);
    palette.setColor(QPalette::Link, QColor(0x0b, 0x5c, 0xad));
    palette.setColor(QPalette::LinkVisited, QColor(0x6a, 0x3d, 0x9a));
    palette.setColor(QPalette::Highlight, QColor(0x2f, 0x6f, 0xb3));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::Light, Qt::white);
    palette.setColor(QPalette::Midlight, QColor(0xe5, 0xe7, 0xeb));
    palette.setColor(QPalette::Mid, QColor(0xc4, 0xc9, 0xd0));
    palette.setColor(QPalette::Dark, QColor(0x9c, 0xa3, 0xaf));
    palette.setColor(QPalette::Shadow, QColor(0x6b, 0x72, 0x80));
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor(0x9c, 0xa3, 0xaf));
    return palette;
}

QColor mixed(const QColor &a, const QColor &b, double share)
{
    return {int(a.red() + (b.red() - a.red()) * share), int(a.green() + (b.green() - a.green()) * share),
        int(a.blue() + (b.blue() - a.blue()) * share)};
}

double luminance(const QColor &color)
{
    // Relative luminance, WCAG 2.1.
    const auto linear
        = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

Theme::Theme(const QPalette &palette)
    : m_palette(palette)
    , m_dark(palette.color(QPalette::Base).lightness() < 128)
{}

QColor Theme::background() const { return m_palette.color(QPalette::Base); }

QColor Theme::alternate() const { return mixed(background(), text(), 0.035); }

QColor Theme::text() const { return m_palette.color(QPalette::Text); }

QColor Theme::mutedText() const { return mixed(text(), background(), 0.38); }

QColor Theme::grid() const { return mixed(background(), text(), m_dark ? 0.14 : 0.10); }

QColor Theme::axis() const { return mixed(background(), text(), 0.45); }

QColor Theme::selection() const
{
    QColor color = m_palette.color(QPalette::Highlight);
    color.setAlpha(m_dark ? 80 : 55);
    return color;
}

QColor Theme::selectionBorder() const { return m_palette.color(QPalette::Highlight); }

QColor Theme::hover() const
{
    QColor color = text();
    color.setAlpha(32);
    return color;
}

QColor Theme::good() const { return m_dark ? QColor(0x3f, 0xc3, 0x98) : QColor(0x00, 0x7a, 0x59); }

QColor Theme::info() const { return m_dark ? QColor(0x6c, 0xb6, 0xff) : QColor(0x0b, 0x5c, 0xad); }

QColor Theme::warning() const { return m_dark ? QColor(0xf0, 0xb4, 0x3a) : QColor(0xa8, 0x62, 0x00); }

QColor Theme::critical() const { return m_dark ? QColor(0xff, 0x7b, 0x6b) : QColor(0xc0, 0x30, 0x1c); }

QColor Theme::series(int index) const
{
    const QColor color = QColor::fromRgb(kSeries[std::size_t(index) % kSeries.size()]);
    return m_dark ? color.lighter(135) : color;
}

QColor Theme::forName(std::string_view name) const
{
    const std::uint64_t hash = hash64(name);
    const int hue = int((hash >> 8) % 360);
    // Saturation and lightness vary a little so that near hues still differ.
    const int saturation = (m_dark ? 88 : 120) + int((hash >> 20) % 50);
    const int lightness = (m_dark ? 82 : 188) + int((hash >> 30) % 24);
    return QColor::fromHsl(hue, saturation, lightness);
}

QColor Theme::heat(double t) const
{
    // Empty melts into the background: dark end first on dark, light end first on light.
    return m_dark ? viridis(0.12 + 0.88 * std::clamp(t, 0.0, 1.0))
                  : viridis(1.0 - std::clamp(t, 0.0, 1.0) * 0.95);
}

QColor Theme::diverging(double t) const
{
    const QColor neutral = mixed(background(), text(), m_dark ? 0.24 : 0.14);
    const QColor less = m_dark ? QColor(0x3d, 0x8f, 0xe0) : QColor(0x2b, 0x7b, 0xc8);
    const QColor more = m_dark ? QColor(0xf0, 0x8c, 0x2e) : QColor(0xe6, 0x79, 0x1f);
    // The root keeps small changes apart from none.
    return mixed(neutral, t < 0 ? less : more, std::sqrt(std::clamp(std::abs(t), 0.0, 1.0)));
}

QColor Theme::textOn(const QColor &fill) const
{
    return luminance(fill) > 0.30 ? QColor(0x10, 0x14, 0x18) : QColor(Qt::white);
}

QIcon themedIcon(const QString &name)
{
    const QString file = QStringLiteral(":/icons/%1.svg").arg(name);
    return QFile::exists(file) ? QIcon(new TintedSvgEngine(file)) : QIcon();
}

/// A rich text keeps the link colour of the palette that it was set under.
static void renewLinkColours()
{
    for (QWidget *widget : QApplication::allWidgets()) {
        auto *label = qobject_cast<QLabel *>(widget);
        if (!label || !label->text().contains(QLatin1String("<a ")))
            continue;
        const QString text = label->text();
        label->clear();
        label->setText(text);
    }
}

void applyColorScheme(ColorScheme scheme)
{
    static const QPalette systemPalette = QApplication::palette();
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    switch (scheme) {
    case ColorScheme::Light:
        QApplication::setPalette(lightPalette());
        break;
    case ColorScheme::Dark:
        QApplication::setPalette(darkPalette());
        break;
    case ColorScheme::System:
        QApplication::setPalette(
            systemPalette.color(QPalette::Base).lightness() < 128 ? darkPalette() : lightPalette());
        break;
    }
    renewLinkColours();
}

} // namespace tailscope::widgets
