/** What the pictures show being written. */
export const TITLE = 'Notes for the night train'

export const PARAGRAPHS = [
  'The last train north leaves at ten past eleven, and for a while nothing happens. The city lets go of it slowly: first the towers, then the gardens behind the houses, then a single lamp above a level crossing where nobody waits.',
  'We want to write about what people do in those nine hours. Not the famous view in the morning, which everybody has photographed, but the part before it: somebody folds a coat into a pillow, somebody else counts coins for tea, and a child at the window asks whether the dark is the same dark as at home.',
  'Three things to find out before spring',
  '1. Who makes up the beds, and where do they sleep?\n2. What is the oldest thing on board? (Ben thinks the kettle.)\n3. Why does the train stop for eleven minutes at a station without a name?',
  'Length: about 2,400 words. It should read as if it had been easy.',
] as const
