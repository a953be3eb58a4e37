import { testThird } from './third.ts'

testThird(2)
