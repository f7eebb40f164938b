cask "hotmart-connect" do
  arch arm: "arm64", intel: "x64"

  version "@VERSION@"
  sha256 arm:   "@SHA256 hotmart-connect_@VERSION@_macos-arm64.dmg@",
         intel: "@SHA256 hotmart-connect_@VERSION@_macos-x64.dmg@"

  url "@RELEASES@/download/v#{version}/hotmart-connect_#{version}_macos-#{arch}.dmg"
  name "Hotmart Connect"
  desc "Fresh Hotmart token for every tool on the computer"
  homepage "@REPOSITORY@"

  auto_updates true
  depends_on macos: ">= :monterey"

  app "Hotmart Connect.app"
  binary "#{appdir}/Hotmart Connect.app/Contents/MacOS/hotmart-token"

  uninstall quit: "app.hotmart-connect"

  # Tokens are revoked and taken out of the keychain by `hotmart-token forget --everything`, while it is there.
  zap trash: [
    "~/Library/Application Support/app.hotmart-connect",
    "~/Library/LaunchAgents/Hotmart Connect.plist",
    "~/Library/WebKit/app.hotmart-connect",
  ]
end
